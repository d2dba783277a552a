package io.sluice.proxy.testing;

import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.memcache.MemcacheTextProtocol;
import io.sluice.proxy.protocol.memcache.TextLimits;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What {@link FuzzClient} must know of memcached text. */
public record CacheDialect(Protocol protocol) implements FuzzClient.Dialect {

    private static final WireCorpus CORPUS = WireCorpus.memcache();

    /** Of a proxy with the limits it has by default. */
    public static CacheDialect withDefaults() {
        TextLimits limits = new TextLimits(Limits.DEFAULTS.maxRequestBytes(), Limits.DEFAULTS.maxArguments());
        return new CacheDialect(new MemcacheTextProtocol(limits));
    }

    @Override
    public WireCorpus corpus() {
        return CORPUS;
    }

    /** As the decoder counts; nothing for noreply, nor from quit on. */
    @Override
    public FuzzClient.Owed owed(String stream) {
        RequestDecoding decoding = RequestDecoding.of(protocol.newRequestDecoder(), stream);
        int replies = 0;
        for (int i = 0; i < decoding.requests().size(); i++) {
            List<String> words = decoding.requests().get(i);
            if (!words.isEmpty() && words.get(0).equals("quit")) {
                return new FuzzClient.Owed(replies, false);
            }
            replies += decoding.answered().get(i) ? 1 : 0;
        }
        boolean error = decoding.error() != null
                && decoding.answered().get(decoding.requests().size());
        return new FuzzClient.Owed(replies + (error ? 1 : 0), error);
    }

    @Override
    public List<String> replies(byte[] received) throws IOException {
        String text = new String(received, StandardCharsets.ISO_8859_1);
        List<String> replies = new ArrayList<>();
        for (int start = 0; start < text.length(); ) {
            int end = endOfReply(text, start);
            replies.add(text.substring(start, end));
            start = end;
        }
        return replies;
    }

    private static int endOfReply(String text, int start) throws IOException {
        int end = endOfLine(text, start);
        while (text.startsWith("VALUE ", start)) {
            String[] words = text.substring(start, end).strip().split(" ", -1);
            start = end + Integer.parseInt(words[3]) + 2;
            end = endOfLine(text, start);
        }
        return end;
    }

    private static int endOfLine(String text, int start) throws IOException {
        int newline = text.indexOf("\r\n", start);
        if (newline < 0) {
            throw new EOFException("The connection was closed inside a reply");
        }
        return newline + 2;
    }

    @Override
    public boolean isProtocolError(String reply) {
        return reply.startsWith("CLIENT_ERROR ");
    }

    @Override
    public boolean isServersFault(String reply) {
        return reply.startsWith("SERVER_ERROR Connection") || reply.startsWith("SERVER_ERROR Server");
    }

    @Override
    public String probe(String word) {
        return "set probe 0 0 " + word.length() + "\r\n" + word + "\r\nget probe\r\n";
    }

    @Override
    public String manyKeys(int count) {
        StringBuilder request = new StringBuilder("get");
        for (int i = 0; i < count; i++) {
            request.append(" many").append(i);
        }
        return request.append("\r\n").toString();
    }
}
