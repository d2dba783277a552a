package io.sluice.launcher.ctl;

/** What the exit code of {@code ctl} tells a script. */
final class CtlExit {

    static final int OK = 0;

    /** It was tried and failed, or may have been done; or it was done, and not every proxy serves it. */
    static final int FAILED = 1;

    /** The command line, a file, a name or the token is wrong. */
    static final int BAD_INPUT = 2;

    /** The cluster is not in a state for it, somebody else was faster, or the user said no. Nothing was changed. */
    static final int REFUSED = 3;

    /** No manager answers. Nothing was changed. */
    static final int UNREACHABLE = 4;

    private CtlExit() {}
}
