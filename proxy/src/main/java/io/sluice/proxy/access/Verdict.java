package io.sluice.proxy.access;

/**
 * What rules say of a request: {@link #ALLOWED}, or one of the codes below, or, as a number above zero, the argument
 * that is a key out of bounds.
 */
public final class Verdict {
    public static final int ALLOWED = 0;
    /** The user may not run this command. */
    public static final int COMMAND = -1;
    /** A script could do what the user may not, and no rule names it. */
    public static final int SCRIPT = -2;
    /** BY of a SORT reads keys of any name. */
    public static final int SORT_BY = -3;
    /** GET of a SORT reads keys of any name. */
    public static final int SORT_GET = -4;

    /** A channel is out of bounds. */
    public static final int CHANNEL = -5;

    private Verdict() {}
}
