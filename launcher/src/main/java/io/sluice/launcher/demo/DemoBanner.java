package io.sluice.launcher.demo;

import io.sluice.launcher.text.KeyPlacement;
import io.sluice.launcher.text.TextTable;
import io.sluice.proxy.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Help.Ansi;

/** What the demo says once it runs: what runs where, where keys live, what to try. Plain ASCII; bold on a terminal. */
final class DemoBanner {

    private final int port;
    private final List<RedisProcess> servers;
    private final List<KeyPlacement> samples;

    DemoBanner(int port, List<RedisProcess> servers, List<KeyPlacement> samples) {
        this.port = port;
        this.servers = List.copyOf(servers);
        this.samples = List.copyOf(samples);
    }

    List<String> lines(Proxy proxy, String redisOrigin, Path config) {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add(bold("  Sluice demo: one address, " + count(servers.size(), "Redis server") + " behind it"));
        lines.add("");
        indent(lines, whatRunsWhere());
        lines.add("");
        lines.add("  transport   " + proxy.transportLine());
        lines.add("  redis       " + redisOrigin);
        lines.add("  config      " + config);
        proxy.adminAddress().ifPresent(url -> lines.add("  admin       " + url + "  (dashboard, metrics, health)"));
        lines.add("");
        lines.add(bold("  Where keys live"));
        indent(lines, whereKeysLive());
        lines.add("");
        lines.add(bold("  Try, in another terminal"));
        indent(lines, whatToTry(config));
        lines.add("");
        lines.add("  Ctrl-C stops everything; nothing is kept.");
        lines.add("");
        return lines;
    }

    private List<String> whatRunsWhere() {
        TextTable table = new TextTable().row("proxy", LoopbackPorts.HOST + ":" + port, "pid " + pid());
        for (RedisProcess server : servers) {
            table.row("  -> " + server.name(), LoopbackPorts.HOST + ":" + server.port(), "pid " + server.pid());
        }
        return table.lines();
    }

    private List<String> whereKeysLive() {
        TextTable table = new TextTable();
        for (KeyPlacement sample : samples) {
            String remark = sample.hashedPart().equals(sample.key()) ? "" : "hashed by " + sample.hashedPart();
            table.row(sample.key(), "-> " + sample.server(), remark);
        }
        return table.lines();
    }

    private List<String> whatToTry(Path config) {
        String first = samples.get(0).key();
        String last = samples.get(samples.size() - 1).key();
        String explain = program() + " explain --config " + config + " " + first;
        if (Programs.onPath("redis-cli").isEmpty()) {
            return List.of(overBash("SET " + first + " hello", "MGET " + first + " " + last), explain);
        }
        String client = "redis-cli -p " + port + " ";
        return List.of(client + "set " + first + " hello", client + "mget " + first + " " + last, explain);
    }

    /** How the user called the start script, which tells it; without the script, its name. */
    private static String program() {
        return System.getProperty("sluice.script", "sluice");
    }

    /** Bash can open sockets itself, so this needs nothing installed. */
    private String overBash(String... requests) {
        return "bash -c 'exec 3<>/dev/tcp/" + LoopbackPorts.HOST + "/" + port + "; printf \""
                + String.join("\\r\\n", requests) + "\\r\\n\" >&3; timeout 1 cat <&3'";
    }

    private static void indent(List<String> lines, List<String> block) {
        block.forEach(line -> lines.add("    " + line));
    }

    private static String count(int number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    private static long pid() {
        return ProcessHandle.current().pid();
    }

    private static String bold(String text) {
        return Ansi.AUTO.string("@|bold " + text + "|@");
    }
}
