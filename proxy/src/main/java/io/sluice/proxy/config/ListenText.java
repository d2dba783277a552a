package io.sluice.proxy.config;

import io.sluice.proxy.config.ProxyConfig.Listener;
import io.sluice.routing.config.AddressText;
import io.sluice.routing.config.YamlScalar;
import io.sluice.routing.config.YamlSection;
import java.util.Optional;

/** Reads {@code listen}: {@code host:port}, {@code /path}, or {@code /path 0600} with the mode of the socket file. */
final class ListenText {
    /** The umask decides. */
    static final int NO_MODE = -1;

    private static final int MAX_MODE = 0777;
    private static final int MAX_MODE_DIGITS = 5;
    private static final String FORM = "host:port, or /path, or /path and an octal mode such as 0600";

    private ListenText() {}

    /** The listener, or empty and a mistake. */
    static Optional<Listener> read(YamlSection pool) {
        return pool.required("listen", FORM).flatMap(ListenText::read);
    }

    private static Optional<Listener> read(YamlScalar where) {
        String text = where.text().strip();
        int space = text.startsWith("/") ? text.indexOf(' ') : -1;
        if (space < 0) {
            return AddressText.read(text, where, "an address", FORM).map(address -> new Listener(address, NO_MODE));
        }
        Optional<Integer> mode = mode(text.substring(space).strip());
        if (mode.isEmpty()) {
            where.unlike("an address", FORM);
        }
        return AddressText.read(text.substring(0, space), where, "an address", FORM)
                .flatMap(address -> mode.map(bits -> new Listener(address, bits)));
    }

    private static Optional<Integer> mode(String text) {
        boolean isOctal = !text.isEmpty()
                && text.length() <= MAX_MODE_DIGITS
                && text.chars().allMatch(c -> c >= '0' && c <= '7');
        return isOctal ? Optional.of(Integer.parseInt(text, 8)).filter(mode -> mode <= MAX_MODE) : Optional.empty();
    }
}
