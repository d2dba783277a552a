package io.sluice.manager.redis;

import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlScalar;
import io.sluice.routing.config.YamlSection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads {@code user}, {@code password} or {@code password_file}, {@code tls} and {@code tls_ca} of a section. */
public final class LoginReader {

    /** A password file is a line; whoever names a larger one has named the wrong one. */
    static final int MAX_PASSWORD_FILE_BYTES = 4096;

    private final YamlSection section;
    private final String prefix;

    private LoginReader(YamlSection section, String prefix) {
        this.section = section;
        this.prefix = prefix;
    }

    /** The login whose keys begin with {@code prefix}, harmless where mistakes were found. */
    public static RedisLogin read(YamlSection section, String prefix) {
        return new LoginReader(section, prefix).read();
    }

    private RedisLogin read() {
        Optional<String> user = section.optional(prefix + "user", ScalarType.TEXT);
        Optional<String> password = section.optional(prefix + "password", ScalarType.TEXT);
        Optional<YamlScalar> file = section.scalar(prefix + "password_file", "the name of a file");
        if (password.isPresent() && file.isPresent()) {
            section.mistake(prefix + "password", "stands beside " + prefix + "password_file; expected one of the two");
        } else if (user.isPresent() && !section.has(prefix + "password") && file.isEmpty()) {
            section.mistake(
                    prefix + "user",
                    "has no password; expected " + prefix + "password or " + prefix + "password_file as well");
        }
        return new RedisLogin(
                user.orElse(null),
                password.or(() -> file.flatMap(LoginReader::line)).orElse(null),
                tls());
    }

    private static Optional<String> line(YamlScalar file) {
        try {
            Path path = Path.of(file.text());
            if (Files.size(path) > MAX_PASSWORD_FILE_BYTES) {
                file.mistake(
                        "the file has more than " + MAX_PASSWORD_FILE_BYTES + " bytes; expected one with a password");
                return Optional.empty();
            }
            Optional<String> line = Files.readString(path, StandardCharsets.UTF_8)
                    .lines()
                    .findFirst()
                    .filter(text -> !text.isEmpty());
            if (line.isEmpty()) {
                file.mistake("the file's first line is empty; expected the password there");
            }
            return line;
        } catch (NoSuchFileException e) {
            file.mistake("no such file; expected one whose first line is the password");
        } catch (IOException | IllegalArgumentException e) {
            file.mistake("cannot be read; expected a text file whose first line is the password");
        }
        return Optional.empty();
    }

    private @Nullable RedisTls tls() {
        boolean wanted = section.value(prefix + "tls", false, ScalarType.BOOLEAN);
        Optional<YamlScalar> authorities = section.scalar(prefix + "tls_ca", "the name of a file");
        if (!wanted) {
            authorities.ifPresent(file -> file.mistake("has no effect without " + prefix + "tls: true"));
            return null;
        }
        try {
            return RedisTls.trusting(
                    authorities.map(file -> Path.of(file.text())).orElse(null));
        } catch (NoSuchFileException e) {
            section.mistake(prefix + "tls_ca", "no such file; expected certificates of authorities in PEM");
        } catch (IOException | IllegalArgumentException e) {
            section.mistake(prefix + "tls_ca", "cannot be used: " + e.getMessage());
        }
        return null;
    }
}
