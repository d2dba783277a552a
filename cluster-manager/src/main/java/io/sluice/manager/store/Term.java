package io.sluice.manager.store;

import com.google.gson.JsonObject;
import io.sluice.routing.config.ConfigException;
import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlReader;
import io.sluice.routing.config.YamlScalar;
import io.sluice.routing.config.YamlSection;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The time during which one manager leads, as it stands at {@code /manager/term}.
 *
 * @param number grows with every new leader, from 1
 * @param leader the name of the one who leads
 * @param url of its API
 * @param found the epoch that it found when nobody else could write any more; {@link #UNKNOWN} until it has looked
 */
record Term(long number, String leader, String url, long found) {

    static final long UNKNOWN = -1;

    /** Nobody has ever led. */
    static final Term NONE = new Term(0, "", "", UNKNOWN);

    private static final ScalarType<Long> NUMBER =
            ScalarType.of("a term", "a whole number, not negative", Term::number);

    /** The one that follows it. */
    Term next(String newLeader, String newUrl) {
        return new Term(number + 1, newLeader, newUrl, UNKNOWN);
    }

    Term withFound(long epoch) {
        return new Term(number, leader, url, epoch);
    }

    static Term parse(String path, byte[] bytes) throws StoreException {
        try {
            YamlSection document = YamlReader.parse(path, bytes);
            document.required("term", "a whole number");
            Term read = new Term(
                    document.value("term", 0L, NUMBER),
                    document.scalar("leader", "a name").map(YamlScalar::text).orElse(""),
                    document.scalar("url", "a URL").map(YamlScalar::text).orElse(""),
                    document.value("found", UNKNOWN, NUMBER));
            document.throwIfMistaken();
            return read;
        } catch (ConfigException e) {
            throw new StoreException(StoreException.Reason.BAD_DOCUMENT, String.valueOf(e.getMessage()), e);
        }
    }

    byte[] bytes() {
        JsonObject document = new JsonObject();
        document.addProperty("term", number);
        document.addProperty("leader", leader);
        document.addProperty("url", url);
        if (found != UNKNOWN) {
            document.addProperty("found", found);
        }
        return document.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static Optional<Long> number(String text) {
        try {
            return Optional.of(Long.parseLong(text)).filter(number -> number >= 0);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
