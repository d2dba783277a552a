package io.sluice.proxy.admin;

import java.nio.charset.StandardCharsets;

/**
 * One answer.
 *
 * @param status HTTP's
 * @param contentType with its character set
 * @param text the body
 */
record Page(int status, String contentType, String text) {

    static Page text(int status, String text) {
        return new Page(status, "text/plain; charset=utf-8", text + "\n");
    }

    static Page json(String text) {
        return new Page(200, "application/json", text + "\n");
    }

    byte[] body() {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
