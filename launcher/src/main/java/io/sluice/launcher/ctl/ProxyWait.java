package io.sluice.launcher.ctl;

import io.sluice.manager.api.Answers.ProxiesAnswer;
import io.sluice.manager.api.Answers.ProxyAnswer;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Waits until every live proxy serves an epoch, and tells which do not and why. */
final class ProxyWait {

    private static final long PAUSE_MILLIS = 100;

    private final Ctl ctl;
    private final long epoch;

    ProxyWait(Ctl ctl, long epoch) {
        this.ctl = ctl;
        this.epoch = epoch;
    }

    /** The exit code; what is told goes to stderr if programs read stdout. */
    int run(Duration patience) {
        PrintWriter to = ctl.json() ? ctl.err() : ctl.out();
        try {
            ProxiesAnswer proxies = await(patience);
            List<String> lines = ProxyText.whoServes(proxies, epoch);
            boolean all = proxies.proxies().stream().allMatch(this::isSettled);
            if (!ctl.json() || !all) {
                lines.forEach(to::println);
            }
            return all ? CtlExit.OK : CtlExit.FAILED;
        } catch (CtlException e) {
            throw CtlException.of(
                    CtlExit.FAILED,
                    "applied_unseen",
                    "applied, but who serves it cannot be seen: " + e.getMessage(),
                    "look again with 'sluice ctl proxies'");
        }
    }

    private ProxiesAnswer await(Duration patience) {
        long start = System.nanoTime();
        while (true) {
            ProxiesAnswer answer = Ctl.read(ctl.manager().get("/v1/proxies"), ProxiesAnswer.class);
            boolean isOver = System.nanoTime() - start >= patience.toNanos();
            if (isOver || answer.proxies().stream().allMatch(proxy -> isSettled(proxy) || refuses(proxy))) {
                return answer;
            }
            pause();
        }
    }

    private boolean isSettled(ProxyAnswer proxy) {
        return !proxy.live() || proxy.applied() >= epoch;
    }

    /** It will not serve this epoch, however long one waits. */
    private boolean refuses(ProxyAnswer proxy) {
        @Nullable Long refused = proxy.refused();
        return refused != null && refused >= epoch;
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CtlException.of(CtlExit.FAILED, "interrupted", "interrupted", "");
        }
    }
}
