package io.sluice.proxy.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.testing.Ensemble;
import io.sluice.routing.cluster.Topology;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LastGoodFileTest {

    @TempDir
    private Path folder;

    private Topology epoch(long epoch) {
        return Ensemble.even(epoch, 6379, 6380);
    }

    @Test
    void givesBackWhatWasWritten() throws IOException {
        LastGoodFile file = new LastGoodFile(folder.resolve("made/for/it.json"));

        file.write(epoch(7));

        assertThat(file.read()).contains(epoch(7));
        try (Stream<Path> files = Files.list(folder.resolve("made/for"))) {
            assertThat(files).as("nothing is left beside it").hasSize(1);
        }
    }

    @Test
    void itsFolderMayBeALink() throws IOException {
        Files.createDirectory(folder.resolve("real"));
        Files.createSymbolicLink(folder.resolve("link"), folder.resolve("real"));
        LastGoodFile file = new LastGoodFile(folder.resolve("link/it.json"));

        file.write(epoch(7));

        assertThat(file.read()).contains(epoch(7));
    }

    @Test
    void anOlderOneDoesNotReplaceANewerOne() {
        LastGoodFile file = new LastGoodFile(folder.resolve("it.json"));
        file.write(epoch(7));

        file.write(epoch(6));

        assertThat(file.read()).contains(epoch(7));
    }

    @Test
    void aDamagedOneIsReplaced() throws IOException {
        Path path = folder.resolve("it.json");
        Files.writeString(path, "{\"format\": 1,");
        LastGoodFile file = new LastGoodFile(path);

        assertThat(file.read()).isEmpty();
        file.write(epoch(1));

        assertThat(file.read()).contains(epoch(1));
    }

    @Test
    void aFolderThatCannotBeWrittenToIsNoReasonToFail() throws IOException {
        Path noFolder = Files.writeString(folder.resolve("a-file"), "");
        LastGoodFile file = new LastGoodFile(noFolder.resolve("it.json"));

        file.write(epoch(1));

        assertThat(file.read()).isEmpty();
    }
}
