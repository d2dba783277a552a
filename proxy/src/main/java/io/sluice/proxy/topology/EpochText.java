package io.sluice.proxy.topology;

import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The epoch of a document, without reading it, and even if it cannot be read. */
final class EpochText {

    /** It is the second key; what stands far behind belongs to something else. */
    private static final int LOOKED_AT_BYTES = 256;

    private static final Pattern EPOCH = Pattern.compile("\"?epoch\"?\\s*:\\s*(\\d{1,18})\\b");

    private EpochText() {}

    static OptionalLong find(byte[] document) {
        String head = new String(document, 0, Math.min(document.length, LOOKED_AT_BYTES), StandardCharsets.ISO_8859_1);
        Matcher epoch = EPOCH.matcher(head);
        return epoch.find() ? OptionalLong.of(Long.parseLong(epoch.group(1))) : OptionalLong.empty();
    }
}
