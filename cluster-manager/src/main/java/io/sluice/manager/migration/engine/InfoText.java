package io.sluice.manager.migration.engine;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;

/** What INFO said, by field. Fields that are missing are empty texts: servers of other versions have others. */
final class InfoText {

    private final Map<String, String> fields = new HashMap<>();

    private InfoText(String text) {
        for (String line : text.split("\r?\n", -1)) {
            int colon = line.indexOf(':');
            if (colon > 0 && line.charAt(0) != '#') {
                fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        }
    }

    static InfoText of(String text) {
        return new InfoText(text);
    }

    static InfoText of(byte[] text) {
        return new InfoText(new String(text, StandardCharsets.ISO_8859_1));
    }

    String text(String field) {
        return fields.getOrDefault(field, "");
    }

    OptionalLong number(String field) {
        String text = text(field);
        return text.matches("-?\\d{1,18}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
    }

    /** Databases that hold keys, in order. */
    List<Integer> databases() {
        TreeSet<Integer> found = new TreeSet<>();
        for (String field : fields.keySet()) {
            if (field.matches("db\\d{1,5}")) {
                found.add(Integer.parseInt(field.substring(2)));
            }
        }
        return new ArrayList<>(found);
    }

    /** Keys in all databases. */
    long keys() {
        return databases().stream()
                .mapToLong(db -> part(text("db" + db), "keys"))
                .sum();
    }

    /** {@code 12} of {@code keys=12,expires=0}; 0 if it is not there. */
    static long part(String text, String name) {
        for (String part : text.split(",", -1)) {
            if (part.startsWith(name + "=")) {
                String number = part.substring(name.length() + 1);
                return number.matches("\\d{1,18}") ? Long.parseLong(number) : 0;
            }
        }
        return 0;
    }
}
