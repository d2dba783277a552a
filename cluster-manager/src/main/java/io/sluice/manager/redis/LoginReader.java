package io.sluice.manager.redis;

import io.sluice.routing.config.PasswordFile;
import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlScalar;
import io.sluice.routing.config.YamlSection;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads {@code user}, {@code password} or {@code password_file}, {@code tls} and {@code tls_ca} of a section. */
public final class LoginReader {

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
                password.or(() -> file.flatMap(PasswordFile::read)).orElse(null),
                tls());
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
