package io.sluice.proxy.testing;

import io.sluice.proxy.testing.ScriptedServer.Asked;
import java.util.List;

/** How a hostile memcached speaks. */
public final class CacheTongue implements HostileServer.Tongue {

    @Override
    public String goodReply(Asked asked) {
        List<String> words = asked.words();
        return switch (words.get(0)) {
            case "get" -> values(words.subList(1, words.size()));
            case "delete" -> "DELETED\r\n";
            default -> "STORED\r\n";
        };
    }

    private static String values(List<String> keys) {
        StringBuilder reply = new StringBuilder();
        keys.forEach(key -> reply.append(value(key, "value of " + key)));
        return reply.append("END\r\n").toString();
    }

    static String value(String key, String value) {
        return "VALUE " + key + " 0 " + value.length() + "\r\n" + value + "\r\n";
    }

    @Override
    public List<String> oversized() {
        return List.of(
                "VALUE k 0 4294967296\r\n",
                "VALUE k 0 99999999999999999999\r\n",
                "VALUE k 0 -1\r\n",
                "VALUE " + "k".repeat(9_000),
                "1".repeat(9_000));
    }

    @Override
    public List<String> foreign() {
        return List.of("+OK\r\n", "$1\r\nx\r\n", "HDX\r\n", "ME k\r\n", "\u0081\0\0\0", "STAT a 1\r\n");
    }

    @Override
    public List<String> shapes() {
        return List.of(
                "STORED\r\n",
                "END\r\n",
                "NOT_FOUND\r\n",
                "5\r\n",
                "HD\r\n", // of a meta command, which the proxy sends while a ring changes
                "VA 2 f0\r\nhi\r\n",
                "ERROR\r\n",
                "CLIENT_ERROR wrong\r\n",
                "SERVER_ERROR wrong\r\n",
                value("other", "x") + "END\r\n",
                value("other", "") + value("other", "") + "END\r\n");
    }

    @Override
    public String endless() {
        return "VALUE k 0 536870912\r\n";
    }

    @Override
    public String full() {
        return "ERROR Too many open connections\r\n";
    }

    @Override
    public WireCorpus corpus() {
        return WireCorpus.memcache();
    }

    @Override
    public ScriptedServer start(ScriptedServer.OnAccept onAccept, ScriptedServer.Script script) {
        return ScriptedServer.startForgetfulMemcache(onAccept, script);
    }
}
