package io.sluice.launcher;

/** A command that cannot be done, for a reason the user can act on: shown as its message, never as a stack trace. */
final class CommandException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int exitCode;

    private CommandException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    static CommandException badInput(String message) {
        return new CommandException(ExitCode.BAD_INPUT, message);
    }

    static CommandException failed(String message) {
        return new CommandException(ExitCode.FAILED, message);
    }

    int exitCode() {
        return exitCode;
    }
}
