package io.sluice.launcher.demo;

import io.sluice.launcher.text.KeyPlacement;
import io.sluice.launcher.text.TextTable;
import io.sluice.proxy.Proxy;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Help.Ansi;

/** What the demo says once it runs: what runs where, where keys live, what to try. Plain ASCII; bold on a terminal. */
final class DemoBanner {

    private final DemoPorts ports;
    private final DemoServers servers;
    private final String managerUrl;
    private final List<KeyPlacement> samples;

    DemoBanner(DemoPorts ports, DemoServers servers, String managerUrl, List<KeyPlacement> samples) {
        this.ports = ports;
        this.servers = servers;
        this.managerUrl = managerUrl;
        this.samples = List.copyOf(samples);
    }

    List<String> lines(List<Proxy> proxies) {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add(bold("  Sluice demo: a cluster of two proxies with "
                + count(servers.servers().size(), "Redis server") + " behind them"));
        lines.add("");
        indent(lines, whatRunsWhere(proxies));
        lines.add("");
        lines.add("  transport   " + proxies.get(0).transportLine());
        lines.add("  redis       " + servers.origin());
        lines.add("  config      " + servers.folder() + "/*.yaml");
        proxies.get(0)
                .adminAddress()
                .ifPresent(url -> lines.add("  admin       " + url + "  (dashboard, metrics, health)"));
        lines.add("");
        lines.add(bold("  Where keys live"));
        indent(lines, whereKeysLive());
        lines.add("");
        lines.add(bold("  Try, in another terminal"));
        indent(lines, whatToTry());
        lines.add("");
        lines.add("  Ctrl-C stops everything; nothing is kept.");
        lines.add("");
        return lines;
    }

    private List<String> whatRunsWhere(List<Proxy> proxies) {
        TextTable table = new TextTable();
        for (int i = 0; i < proxies.size(); i++) {
            table.row("proxy-" + (i + 1), at(ports.proxies().get(i)), "pid " + pid());
        }
        for (RedisProcess server : servers.servers()) {
            table.row("  -> " + server.name(), at(server.port()), "pid " + server.pid());
        }
        table.row("manager", at(ports.manager()), "pid " + pid());
        table.row("  -> zookeeper", at(ports.zooKeeper()), "pid " + pid());
        return table.lines();
    }

    private static String at(int port) {
        return LoopbackPorts.HOST + ":" + port;
    }

    private List<String> whereKeysLive() {
        TextTable table = new TextTable();
        for (KeyPlacement sample : samples) {
            String remark = sample.hashedPart().equals(sample.key()) ? "" : "hashed by " + sample.hashedPart();
            table.row(sample.key(), "-> " + sample.server(), sample.position(), remark);
        }
        return table.lines();
    }

    private List<String> whatToTry() {
        String first = samples.get(0).key();
        String last = samples.get(samples.size() - 1).key();
        List<String> lines = new ArrayList<>();
        if (Programs.onPath("redis-cli").isEmpty()) {
            lines.add(overBash("SET " + first + " hello", "MGET " + first + " " + last));
        } else {
            lines.add("redis-cli -p " + ports.proxies().get(0) + " set " + first + " hello");
            lines.add("redis-cli -p " + ports.proxies().get(1) + " mget " + first + " " + last);
        }
        TextTable table = new TextTable()
                .row(ctl("proxies"), "which proxy serves what?")
                .row(ctl("slots show"), "who owns which slots?")
                .row(ctl("explain " + first), "where is this key?")
                .row(ctl("pool create second"), "a change: plan, y, and all proxies have it")
                .row(ctl("history"), "who changed what?");
        lines.addAll(table.lines());
        return lines;
    }

    /** Where the manager is matters only if it is not where ctl looks by itself. */
    private String ctl(String command) {
        String where = ports.manager() == DemoPorts.MANAGER ? "" : "--manager " + managerUrl + " ";
        return program() + " ctl " + where + command;
    }

    /** How the user called the start script, which tells it; without the script, its name. */
    private static String program() {
        return System.getProperty("sluice.script", "sluice");
    }

    /** Bash can open sockets itself, so this needs nothing installed. */
    private String overBash(String... requests) {
        return "bash -c 'exec 3<>/dev/tcp/" + LoopbackPorts.HOST + "/"
                + ports.proxies().get(0) + "; printf \"" + String.join("\\r\\n", requests)
                + "\\r\\n\" >&3; timeout 1 cat <&3'";
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
