package io.sluice.launcher;

/** What the program's exit code tells a script. */
final class ExitCode {

    static final int OK = 0;

    /** The input was right, doing it failed: a taken port, a server that does not start. */
    static final int FAILED = 1;

    /** The command line or the configuration is wrong. */
    static final int BAD_INPUT = 2;

    private ExitCode() {}
}
