package io.sluice.proxy.testing;

import static io.sluice.proxy.testing.RespFrames.bulk;
import static io.sluice.proxy.testing.RespFrames.request;

import io.sluice.proxy.testing.UnluckyClient.Asked;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** How {@link UnluckyClient} asks Redis. */
public final class RespPhrases implements UnluckyClient.Phrases {

    @Override
    public Asked get(String badKey) {
        return new Asked(request("GET", badKey), false, bulk("value of " + badKey)::equals);
    }

    @Override
    public Asked set(String badKey) {
        return new Asked(request("SET", badKey, "x"), false, "+OK\r\n"::equals);
    }

    @Override
    public Asked set(String goodKey, String value) {
        return new Asked(request("SET", goodKey, value), true, "+OK\r\n"::equals);
    }

    @Override
    public Asked get(String goodKey, Optional<String> held) {
        return new Asked(request("GET", goodKey), true, bulkOrNil(held)::equals);
    }

    @Override
    public Asked getBoth(String badKey, String goodKey, Optional<String> held) {
        String both = "*2\r\n" + bulk("value of " + badKey) + bulkOrNil(held);
        return new Asked(request("MGET", badKey, goodKey), false, both::equals);
    }

    @Override
    public Asked split(String badKey, String goodKey) {
        return new Asked(request("EXISTS", badKey, goodKey), false, reply -> reply.startsWith(":"));
    }

    private static String bulkOrNil(Optional<String> value) {
        return value.map(RespFrames::bulk).orElse("$-1\r\n");
    }

    @Override
    public boolean isError(String reply) {
        return reply.startsWith("-");
    }

    @Override
    public Optional<String> next(InputStream in) throws IOException {
        return new RespReplyReader(in).next();
    }
}
