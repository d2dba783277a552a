package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How far the proxies are. */
class CtlProxiesIT {

    @RegisterExtension
    private final MemoryManager manager = new MemoryManager();

    @Test
    void proxiesThatDoNotFollowAreNamed() {
        manager.cluster()
                .withProxy("p1")
                .withProxy("p2", true, 0, 1, "pool sessions: nobody listens for it")
                .withProxy("p4", false, 0, 0, "");

        CtlRun run = manager.ctl("pool create sessions --yes");

        assertThat(run.exitCode()).isEqualTo(CtlExit.FAILED);
        assertThat(run.out().lines())
                .endsWith(
                        "Applied: the cluster is at epoch 1.",
                        "1 of 2 proxies serve epoch 1. Not yet:",
                        "  p2: serves epoch 0, refuses 1: pool sessions: nobody listens for it",
                        "(p4 is registered and not alive; if it is gone for good: sluice ctl proxies remove p4)");
        CtlRun.assertLines(
                manager.ctl("proxies"),
                "The cluster is at epoch 1.",
                "PROXY   STATE     SERVES    HEARTBEAT   VERSION   POOLS                    ADMIN",
                "p1      ok        epoch 1   0.4 s ago   0.1.0     sessions 0.0.0.0:22121   http://10.0.0.9:9600",
                "p2      refuses   epoch 0   0.4 s ago   0.1.0     sessions 0.0.0.0:22121   http://10.0.0.9:9600",
                "p4      gone      epoch 0   0.4 s ago   0.1.0     sessions 0.0.0.0:22121   http://10.0.0.9:9600",
                "p2 refuses epoch 1: pool sessions: nobody listens for it");
    }

    @Test
    void aProxyThatIsLateIsWaitedForOnlySoLong() {
        manager.cluster().withProxy("p1", true, 0, 0, "");

        CtlRun run = manager.ctl("pool create sessions --yes --wait 200ms");

        assertThat(run.exitCode()).isEqualTo(CtlExit.FAILED);
        assertThat(run.out()).contains("0 of 1 proxies serve epoch 1", "p1: serves epoch 0, heartbeat 0.4 s ago");
        assertThat(manager.ctl("pool create b --yes --wait soon").exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(manager.ctl("pool create b --yes --wait 11m").exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(manager.cluster().topology().epoch()).isEqualTo(1);
    }

    @Test
    void aProxyThatDiedIsForgottenByWhoSaysSo() {
        manager.cluster().withProxy("p1").withProxy("p2", false, 0, 0, "");

        assertThat(manager.ctl("proxies remove p2").exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(manager.ctl(CtlRun.typing("n"), "proxies remove p2").exitCode())
                .isEqualTo(CtlExit.REFUSED);
        assertThat(manager.ctl("proxies remove p1 --yes").exitCode()).isEqualTo(CtlExit.REFUSED);
        CtlRun run = manager.ctl(CtlRun.typing("y"), "proxies remove p2");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("Removed p2. Assumed: the process has ended");
        assertThat(manager.ctl("proxies").out()).doesNotContain("p2");
    }
}
