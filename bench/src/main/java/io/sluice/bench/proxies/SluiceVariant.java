package io.sluice.bench.proxies;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One Sluice of a run: {@code NAME=TRANSPORT[,workers=N][,jar=FILE][,java=HOME][,opt=JVMOPTION]...}.
 *
 * @param name as it stands in the tables
 * @param transport {@code auto}, {@code io_uring}, {@code epoll} or {@code nio}
 * @param workers event loops
 * @param jar another build's jar; empty for the one of this source tree
 * @param javaHome another Java; empty for the script's own choice
 * @param javaOptions in SLUICE_JAVA_OPTS
 */
public record SluiceVariant(
        String name,
        String transport,
        int workers,
        Optional<Path> jar,
        Optional<Path> javaHome,
        List<String> javaOptions) {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]+");
    private static final List<String> TRANSPORTS = List.of("auto", "io_uring", "epoll", "nio");

    /** The one that runs when none is named. */
    public static final SluiceVariant DEFAULT = parse("sluice=auto");

    public SluiceVariant {
        javaOptions = List.copyOf(javaOptions);
    }

    /** Throws {@link IllegalArgumentException} with what was found and expected. */
    public static SluiceVariant parse(String text) {
        int equals = text.indexOf('=');
        String name = equals < 0 ? text : text.substring(0, equals);
        if (equals < 0 || !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("expected NAME=TRANSPORT[,workers=N][,jar=FILE]..., got '" + text + "'");
        }
        String[] parts = text.substring(equals + 1).split(",", -1);
        if (!TRANSPORTS.contains(parts[0])) {
            throw new IllegalArgumentException("expected one of " + TRANSPORTS + ", got '" + parts[0] + "'");
        }
        Map<String, String> settings = new HashMap<>();
        List<String> javaOptions = new ArrayList<>();
        for (int i = 1; i < parts.length; i++) {
            String[] setting = parts[i].split("=", 2);
            if (setting.length < 2 || !List.of("workers", "jar", "java", "opt").contains(setting[0])) {
                throw new IllegalArgumentException("expected workers=, jar=, java= or opt=, got '" + parts[i] + "'");
            }
            if (setting[0].equals("opt")) {
                javaOptions.add(setting[1]);
            } else {
                settings.put(setting[0], setting[1]);
            }
        }
        return new SluiceVariant(
                name,
                parts[0],
                workers(settings.getOrDefault("workers", "1")),
                Optional.ofNullable(settings.get("jar")).map(Path::of).map(Path::toAbsolutePath),
                Optional.ofNullable(settings.get("java")).map(Path::of),
                javaOptions);
    }

    private static int workers(String text) {
        try {
            int workers = Integer.parseInt(text);
            if (workers >= 1) {
                return workers;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new IllegalArgumentException("workers: expected a number from 1, got '" + text + "'");
    }

    /** How it differs from others, for the head of a report. */
    public String describe() {
        StringBuilder text = new StringBuilder("transport=" + transport + " workers=" + workers);
        jar.ifPresent(path -> text.append(" jar=").append(path.getFileName()));
        javaHome.ifPresent(path -> text.append(" java=").append(path.getFileName()));
        javaOptions.forEach(option -> text.append(' ').append(option));
        return text.toString();
    }
}
