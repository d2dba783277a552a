package io.sluice.proxy.testing;

import io.sluice.proxy.testing.ScriptedServer.Asked;
import java.util.List;

/** How a hostile Redis speaks. */
public final class RespTongue implements HostileServer.Tongue {

    @Override
    public String goodReply(Asked asked) {
        return asked.sensibleReply();
    }

    @Override
    public List<String> oversized() {
        return List.of("$4294967297\r\n", "$99999999999999999999\r\n", "*4294967296\r\n", "*2147483648\r\n", "$-2\r\n");
    }

    @Override
    public List<String> foreign() {
        return List.of(
                ">2\r\n+pubsub\r\n+message\r\n",
                "|1\r\n+ttl\r\n:3600\r\n",
                "%1\r\n+a\r\n:1\r\n",
                "~1\r\n+a\r\n",
                "_\r\n",
                "#t\r\n",
                ",1.23\r\n",
                "(3492890328409238509324850943850943825024385\r\n",
                "=7\r\ntxt:abc\r\n",
                "!5\r\nERR x\r\n",
                "$?\r\n",
                "STORED\r\n");
    }

    @Override
    public List<String> shapes() {
        return List.of(
                "+OK\r\n",
                ":5\r\n",
                "$-1\r\n",
                "*-1\r\n",
                "*0\r\n",
                "*1\r\n*1\r\n+deep\r\n",
                "*3\r\n$-1\r\n:1\r\n*0\r\n",
                "-ERR wrong\r\n",
                "-\r\n",
                "$0\r\n\r\n");
    }

    @Override
    public String endless() {
        return "$536870912\r\n";
    }

    @Override
    public String full() {
        return "-ERR max number of clients reached\r\n";
    }

    @Override
    public WireCorpus corpus() {
        return WireCorpus.resp();
    }

    @Override
    public ScriptedServer start(ScriptedServer.OnAccept onAccept, ScriptedServer.Script script) {
        return ScriptedServer.startForgetful(onAccept, script);
    }
}
