package io.sluice.launcher.ctl;

import io.sluice.launcher.text.TextTable;
import io.sluice.manager.api.Answers.ProxiesAnswer;
import io.sluice.manager.api.Answers.ProxyAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Who serves which epoch, as people read it. */
final class ProxyText {

    private ProxyText() {}

    static List<String> proxies(ProxiesAnswer answer) {
        if (answer.proxies().isEmpty()) {
            return List.of("No proxy is registered; the cluster is at epoch " + answer.epoch() + ".");
        }
        List<String> lines = new ArrayList<>();
        lines.add("The cluster is at epoch " + answer.epoch() + ".");
        TextTable table = new TextTable().row("PROXY", "STATE", "SERVES", "HEARTBEAT", "VERSION", "POOLS", "ADMIN");
        answer.proxies()
                .forEach(proxy -> table.row(
                        proxy.id(),
                        state(proxy),
                        "epoch " + proxy.applied(),
                        heartbeat(proxy),
                        proxy.version().isEmpty() ? "-" : proxy.version(),
                        addresses(proxy.pools()),
                        proxy.admin().isEmpty() ? "-" : proxy.admin()));
        lines.addAll(table.lines());
        answer.proxies().stream()
                .filter(proxy -> proxy.reason() != null)
                .forEach(proxy -> lines.add(proxy.id()
                        + (proxy.refused() == null ? " " : " refuses epoch " + proxy.refused() + ": ")
                        + proxy.reason()));
        return lines;
    }

    /** Slots wait for it until it has written something else, or is gone and removed. */
    private static boolean isUnreadable(ProxyAnswer proxy) {
        return proxy.refused() == null && proxy.reason() != null;
    }

    private static String state(ProxyAnswer proxy) {
        if (!proxy.live()) {
            return "gone";
        }
        if (isUnreadable(proxy)) {
            return "unreadable";
        }
        if (proxy.refused() != null) {
            return "refuses";
        }
        return proxy.behindBy() == 0 ? "ok" : "behind by " + proxy.behindBy();
    }

    private static String heartbeat(ProxyAnswer proxy) {
        @Nullable Long age = proxy.heartbeatAgeMs();
        return age == null ? "none yet" : age(age) + " ago";
    }

    private static String age(long millis) {
        if (millis < 10_000) {
            return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
        }
        long seconds = millis / 1000;
        return seconds < 600
                ? seconds + " s"
                : seconds < 36_000
                        ? seconds / 60 + " min"
                        : seconds < 864_000 ? seconds / 3600 + " h" : seconds / 86_400 + " d";
    }

    private static String addresses(Map<String, String> pools) {
        return pools.isEmpty()
                ? "-"
                : pools.entrySet().stream()
                        .map(pool -> pool.getKey() + " " + pool.getValue())
                        .collect(Collectors.joining(", "));
    }

    /** After a change: all of them, or which ones do not and why. */
    static List<String> whoServes(ProxiesAnswer answer, long epoch) {
        List<ProxyAnswer> live =
                answer.proxies().stream().filter(ProxyAnswer::live).toList();
        List<ProxyAnswer> late =
                live.stream().filter(proxy -> proxy.applied() < epoch).toList();
        List<String> lines = new ArrayList<>();
        if (live.isEmpty()) {
            lines.add("No proxy is alive, so nobody serves it yet.");
        } else if (late.isEmpty()) {
            lines.add(live.size() == 1 ? "The only proxy serves it." : "All " + live.size() + " proxies serve it.");
        } else {
            lines.add(
                    live.size() - late.size() + " of " + live.size() + " proxies serve epoch " + epoch + ". Not yet:");
            late.forEach(proxy -> lines.add("  " + proxy.id() + ": " + whyLate(proxy)));
        }
        answer.proxies().stream()
                .filter(proxy -> !proxy.live())
                .forEach(proxy -> lines.add("(" + proxy.id() + " is registered and not alive; if it is gone for good:"
                        + " sluice ctl proxies remove " + proxy.id() + ")"));
        return lines;
    }

    private static String whyLate(ProxyAnswer proxy) {
        if (isUnreadable(proxy)) {
            return String.valueOf(proxy.reason());
        }
        String serves = "serves epoch " + proxy.applied();
        return proxy.refused() == null
                ? serves + ", heartbeat " + heartbeat(proxy)
                : serves + ", refuses " + proxy.refused() + ": " + proxy.reason();
    }
}
