package io.sluice.launcher.ctl;

import java.io.Console;
import java.io.PrintWriter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Somebody who can be asked; nobody, where a script runs. */
@FunctionalInterface
interface Terminal {

    /** The line that he types; empty where nobody is, or where he ends the input. */
    Optional<String> ask(PrintWriter out, String question);

    /** Whether lines that were written can be written anew in their place. */
    default boolean isLive() {
        return false;
    }

    /** Whoever started the process. */
    @SuppressWarnings("SystemConsoleNull") // told apart below
    static Terminal ofProcess() {
        @Nullable Console console = System.console();
        if (console == null || !isTerminal(console)) {
            return (out, question) -> Optional.empty();
        }
        return new OfConsole(console);
    }

    /** From Java 22 on there is a console even where there is no terminal, and a method that tells. */
    private static boolean isTerminal(Console console) {
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }

    /** Where somebody sits. */
    record OfConsole(Console console) implements Terminal {

        @Override
        public Optional<String> ask(PrintWriter out, String question) {
            out.print(question);
            out.flush();
            return Optional.ofNullable(console.readLine()).or(() -> Optional.of(""));
        }

        /** One that says it is dumb is believed. */
        @Override
        public boolean isLive() {
            @Nullable String kind = System.getenv("TERM");
            return kind != null && !kind.equals("dumb");
        }
    }
}
