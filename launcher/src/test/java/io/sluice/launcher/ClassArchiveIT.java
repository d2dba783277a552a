package io.sluice.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script's class archive, in a distribution of the script and the jar, on the Java that runs the tests. */
class ClassArchiveIT {

    private static final int LIMIT_SECONDS = 120;
    private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();

    private static final String FROM_ARCHIVE = "io\\.sluice\\.launcher\\.VersionCommand .*source: shared objects file";

    @TempDir
    private Path parent;

    private Path home;
    private Path jar;

    @BeforeEach
    void installDistribution() throws IOException {
        installIn("sluice");
    }

    private void installIn(String folder) throws IOException {
        home = Files.createDirectory(parent.resolve(folder));
        jar = Files.createDirectory(home.resolve("lib")).resolve("sluice.jar");
        Files.copy(REPOSITORY.resolve("sluice"), home.resolve("sluice"));
        Files.copy(REPOSITORY.resolve("launcher/target/sluice.jar"), jar);
    }

    @Test
    void isMadeOnceAndClassesComeFromIt() throws Exception {
        assertThat(run("make", "")).startsWith("sluice ");
        List<Path> made = archives();

        String loaded = run("make", "-Xlog:class+load");

        assertThat(made).hasSize(1).allSatisfy(archive -> assertThat(archive).isNotEmptyFile());
        assertThat(archives()).isEqualTo(made);
        assertThat(loaded).containsPattern(FROM_ARCHIVE);
    }

    @Test
    void isMadeAnewForAnotherJarAndTheOldOneIsRemoved() throws Exception {
        run("make", "");
        Path old = archives().get(0);
        addEntryToJar();

        String output = run("make", "");

        assertThat(output).startsWith("sluice ");
        assertThat(archives()).hasSize(1).doesNotContain(old);
    }

    @Test
    void isNotMadeAtEveryStartWhenTheClockIsBehindTheJar() throws Exception {
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(3_600)));
        run("make", "");
        FileTime made = Files.getLastModifiedTime(archives().get(0));

        run("make", "");

        assertThat(Files.getLastModifiedTime(archives().get(0))).isEqualTo(made);
    }

    @Test
    void startsSilentlyWithOneThatIsDamaged() throws Exception {
        run("make", "");
        Path archive = archives().get(0);
        Files.delete(archive);
        Files.writeString(archive, "not an archive");

        String output = run("on", "");

        assertThat(output).startsWith("sluice ").doesNotContain("warning").doesNotContain("rror");
    }

    @Test
    void startsSilentlyWhereNoneCanBeWritten() throws Exception {
        Files.writeString(home.resolve("lib/class-archive"), "a file where the folder should be");

        String output = run("make", "");

        assertThat(output).startsWith("sluice ").doesNotContain("class-archive");
    }

    /** The JVM itself takes no classes into an archive from a jar in such a folder. */
    @Test
    void startsSilentlyInAFolderWithASpace() throws Exception {
        installIn("with a space");

        String output = run("make", "");

        assertThat(output).startsWith("sluice ");
    }

    @Test
    void isTriedOnceWhereTheJvmMakesNone() throws Exception {
        Path brokenJava = javaThatCannotMakeOne();

        String output = output(start("make", "", brokenJava));

        assertThat(output).startsWith("sluice ");
        assertThat(archives())
                .hasSize(1)
                .allSatisfy(archive -> assertThat(archive).isEmptyFile());
    }

    @Test
    void isLeftWholeByTwoStartsAtOnce() throws Exception {
        Process first = start("make", "", Path.of(System.getProperty("java.home")));
        Process second = start("make", "", Path.of(System.getProperty("java.home")));

        assertThat(output(first)).startsWith("sluice ");
        assertThat(output(second)).startsWith("sluice ");

        assertThat(archives()).hasSize(1);
        assertThat(run("on", "-Xlog:class+load")).containsPattern(FROM_ARCHIVE);
    }

    private void addEntryToJar() throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(jar)) {
            Files.writeString(zip.getPath("another.txt"), "entry");
        }
    }

    /** A Java home of our own whose java fails when it is to make an archive. */
    private Path javaThatCannotMakeOne() throws IOException {
        Path javaHome = parent.resolve("java");
        Path bin = Files.createDirectories(javaHome.resolve("bin"));
        Path java = Files.writeString(bin.resolve("java"), """
                #!/bin/sh
                case $* in *ArchiveClassesAtExit* | *AOTCacheOutput*) exit 1 ;; esac
                exec '%s/bin/java' "$@"
                """.formatted(System.getProperty("java.home")));
        assertThat(java.toFile().setExecutable(true)).isTrue();
        return javaHome;
    }

    private String run(String archive, String javaOptions) throws Exception {
        return output(start(archive, javaOptions, Path.of(System.getProperty("java.home"))));
    }

    private Process start(String archive, String javaOptions, Path javaHome) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(home.resolve("sluice").toString(), "version").redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", javaHome.toString());
        builder.environment().put("SLUICE_ARCHIVE", archive);
        builder.environment().put("SLUICE_JAVA_OPTS", javaOptions);
        return builder.start();
    }

    private static String output(Process process) throws Exception {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }

    private List<Path> archives() throws IOException {
        try (Stream<Path> files = Files.list(home.resolve("lib/class-archive"))) {
            return files.filter(file -> !file.endsWith("training.log")).toList();
        }
    }
}
