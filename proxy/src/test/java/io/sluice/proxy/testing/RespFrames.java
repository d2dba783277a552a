package io.sluice.proxy.testing;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** RESP as text, one char for each byte. Shares no code with the proxy: a codec must not test itself. */
public final class RespFrames {

    private RespFrames() {}

    /** A request as clients send it. */
    public static String request(String... arguments) {
        return request(List.of(arguments));
    }

    public static String request(List<String> arguments) {
        StringBuilder frame = new StringBuilder("*").append(arguments.size()).append("\r\n");
        arguments.forEach(argument -> frame.append(bulk(argument)));
        return frame.toString();
    }

    public static String bulk(String text) {
        return "$" + text.length() + "\r\n" + text + "\r\n";
    }

    /**
     * Reads requests as a Redis server does, which does not look at the two bytes behind an argument. Throws where it
     * would close the connection, and where the last request is not complete.
     */
    public static List<List<String>> readAsServer(String frames) {
        List<List<String>> requests = new ArrayList<>();
        int[] position = {0};
        while (position[0] < frames.length()) {
            int count = readNumber(frames, '*', position);
            List<String> arguments = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int length = readNumber(frames, '$', position);
                arguments.add(frames.substring(position[0], position[0] + length));
                position[0] += length + 2;
            }
            if (position[0] > frames.length()) {
                throw new AssertionError("A server would wait for the rest of: " + frames);
            }
            requests.add(arguments);
        }
        return requests;
    }

    private static int readNumber(String frames, char type, int[] position) {
        int lineEnd = frames.indexOf('\r', position[0]);
        if (lineEnd < 0 || frames.charAt(position[0]) != type) {
            throw new AssertionError("A server would not take at " + position[0] + ": " + frames);
        }
        String digits = frames.substring(position[0] + 1, lineEnd);
        if (!digits.matches("0|[1-9]\\d{0,8}")) {
            throw new AssertionError("A server would refuse the length '" + digits + "'");
        }
        position[0] = lineEnd + 2;
        return Integer.parseInt(digits);
    }

    public static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
