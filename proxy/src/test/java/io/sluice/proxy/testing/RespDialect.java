package io.sluice.proxy.testing;

import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.resp.RespLimits;
import io.sluice.proxy.protocol.resp.RespProtocol;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What {@link FuzzClient} must know of RESP. */
public record RespDialect(Protocol protocol) implements FuzzClient.Dialect {

    private static final WireCorpus CORPUS = WireCorpus.resp();

    /** Of a proxy with the limits it has by default. */
    public static RespDialect withDefaults() {
        Limits limits = Limits.DEFAULTS;
        RespLimits ours = new RespLimits(limits.maxRequestBytes(), limits.maxArguments(), limits.maxInlineBytes());
        return new RespDialect(new RespProtocol(ours, null, 0, InstantSource.system()));
    }

    @Override
    public WireCorpus corpus() {
        return CORPUS;
    }

    /** As the decoder counts, which other tests compare with what a server understands; after QUIT nothing is owed. */
    @Override
    public FuzzClient.Owed owed(String stream) {
        RequestDecoding decoding = RequestDecoding.of(protocol.newRequestDecoder(), stream);
        List<List<String>> requests = decoding.requests();
        for (int i = 0; i < requests.size(); i++) {
            if (requests.get(i).get(0).equalsIgnoreCase("quit")) {
                return new FuzzClient.Owed(i + 1, false);
            }
        }
        boolean error = decoding.error() != null;
        return new FuzzClient.Owed(requests.size() + (error ? 1 : 0), error);
    }

    @Override
    public List<String> replies(byte[] received) throws IOException {
        return new RespReplyReader(new ByteArrayInputStream(received)).toEnd();
    }

    @Override
    public boolean isProtocolError(String reply) {
        return reply.startsWith("-ERR Protocol error");
    }

    @Override
    public boolean isServersFault(String reply) {
        return isProtocolError(reply) || reply.startsWith("-ERR Connection") || reply.startsWith("-ERR Server");
    }

    @Override
    public String probe(String word) {
        return RespFrames.request("SET", "probe", word) + RespFrames.request("GET", "probe");
    }

    @Override
    public String manyKeys(int count) {
        Stream<String> keys = IntStream.range(0, count).mapToObj(i -> "many" + i);
        return RespFrames.request(Stream.concat(Stream.of("MGET"), keys).toList());
    }
}
