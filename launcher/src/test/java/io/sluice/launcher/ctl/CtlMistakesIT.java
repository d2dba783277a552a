package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What is typed wrong, and what is said then. */
class CtlMistakesIT {

    @TempDir
    private Path folder;

    @RegisterExtension
    private final MemoryManager manager = new MemoryManager();

    @Test
    void aFileThatIsWrongIsToldWithLineAndKey() throws Exception {
        Path file = folder.resolve("bad.yaml");
        Files.writeString(file, "format: 1\npools:\n  a:\n    distribution: slots\n    shard: {}\n    slots: 7\n");

        CtlRun run = manager.ctl("topology apply " + file);

        assertThat(run.exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(run.err().lines())
                .containsExactly(
                        "ctl topology apply: " + file + ":5:5: pools.a.shard: unknown key; did you mean 'shards'?",
                        "  " + file
                                + ":6:12: pools.a.slots: '7' is not a number of slots; expected one of 16384, 1024");
        CtlRun missing = manager.ctl("topology apply " + folder.resolve("none.json"));
        assertThat(missing.exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(missing.err()).contains("none.json: no such file");
    }

    @Test
    void optionsThatAreWrongAreToldAllAtOnce() {
        manager.done("pool create sessions");

        CtlRun run = manager.ctl("shard add s1 10.0.0.1 --slots 9-3");

        assertThat(run.exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(run.err().lines())
                .containsExactly(
                        "ctl shard add: primary: '10.0.0.1' is not a server; expected host:port, or the path of a unix"
                                + " socket",
                        "  slots: '9-3' is not a set of slots; expected slots of 0-16383, each once, such as"
                                + " 0-8191,9000");
    }

    @Test
    void aPoolThatIsMisspeltIsGuessed() {
        manager.twoShards();

        CtlRun read = manager.ctl("pools sesions");
        CtlRun change = manager.ctl("shard remove s1 --pool sesions");

        assertThat(read.exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(read.err()).startsWith("ctl pools: no pool 'sesions'; did you mean 'sessions'?");
        assertThat(change.exitCode()).isEqualTo(CtlExit.REFUSED);
        assertThat(change.err()).startsWith("ctl shard remove: no pool 'sesions'; did you mean 'sessions'?");
    }

    @Test
    void whichPoolIsAskedWhereThereAreSeveral() {
        assertThat(manager.ctl("slots show").err()).contains("there is no pool yet", "pool create");
        manager.done("pool create one");
        manager.done("pool create two");

        CtlRun run = manager.ctl("slots show");

        assertThat(run.exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(run.err()).contains("which pool? There are: one, two", "--pool NAME");
    }
}
