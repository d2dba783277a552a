package io.sluice.proxy.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeTest {

    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve("deeper/blue.proxy-1.home");
    }

    @Test
    void oneHoldsItAtATimeAndItIsTheSameForTheNext() {
        try (Home second = secondBesideFirst()) {
            assertThat(second.hold()).isTrue();
            assertThat(second.hold()).isFalse();
            assertThat(second.isHeld()).isTrue();
        }
    }

    /** The first has ended when this returns. */
    private Home secondBesideFirst() {
        try (Home first = Home.open(file())) {
            Home second = Home.open(file());
            assertThat(first.isHeld()).isTrue();
            assertThat(first.id()).isNotEmpty();
            assertThat(second.isHeld()).isFalse();
            assertThat(second.id()).isEqualTo(first.id());
            return second;
        }
    }

    @Test
    void thatItsProxyHasLeftIsKnownToTheNext() {
        try (Home first = Home.open(file())) {
            assertThat(first.hasLeft()).isFalse();
            first.left(true);
        }
        try (Home second = Home.open(file())) {
            assertThat(second.hasLeft()).isTrue();
            second.left(false);
        }
        try (Home third = Home.open(file())) {
            assertThat(third.hasLeft()).isFalse();
        }
    }

    @Test
    void whoDoesNotHoldItChangesNothing() {
        try (Home first = Home.open(file());
                Home second = Home.open(file())) {
            second.left(true);
            assertThat(first.hasLeft()).isFalse();
        }
        try (Home third = Home.open(file())) {
            assertThat(third.hasLeft()).isFalse();
        }
    }

    @Test
    void aDamagedOneIsAnotherHomeWhoseProxyMayHaveLeft() throws Exception {
        String before;
        try (Home first = Home.open(file())) {
            before = first.id();
        }
        Files.writeString(file(), "2f1c");

        try (Home second = Home.open(file())) {
            assertThat(second.isHeld()).isTrue();
            assertThat(second.id()).isNotEmpty().isNotEqualTo(before);
            assertThat(second.hasLeft()).isTrue();
        }
    }

    @Test
    void itsFolderMayBeALink() throws Exception {
        Files.createDirectory(folder.resolve("real"));
        Files.createSymbolicLink(folder.resolve("deeper"), folder.resolve("real"));

        try (Home home = Home.open(file())) {
            assertThat(home.isHeld()).isTrue();
        }
    }

    @Test
    void whereFilesCannotBeLockedItIsNeverHeldButKnowsThatItsProxyHasLeft() {
        Home.Locker none = opened -> {
            throw new IOException("No locks available");
        };
        String id;
        try (Home first = Home.open(file(), none)) {
            assertThat(first.isHeld()).isFalse();
            assertThat(first.hold()).isFalse();
            assertThat(first.hasLeft()).isFalse();
            id = first.id();
            first.left(true);
        }
        try (Home second = Home.open(file(), none)) {
            assertThat(second.isHeld()).isFalse();
            assertThat(second.hasLeft()).isTrue();
            assertThat(second.id()).isNotEmpty().isEqualTo(id);
            second.left(false);
        }
        try (Home third = Home.open(file(), none)) {
            assertThat(third.hasLeft()).isFalse();
        }
    }

    @Test
    void whereThereCanBeNoneThereIsNone() throws Exception {
        Files.writeString(folder.resolve("deeper"), "a file");

        try (Home none = Home.open(file())) {
            assertThat(none.isHeld()).isFalse();
            assertThat(none.id()).isEmpty();
            none.left(true);
            assertThat(none.hasLeft()).isFalse();
        }
    }
}
