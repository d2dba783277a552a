package io.sluice.launcher.ctl;

import io.sluice.manager.api.Answers.ErrorAnswer;
import io.sluice.manager.api.Answers.MistakeAnswer;
import java.io.Serial;
import java.util.ArrayList;
import java.util.List;

/** A command that cannot be done, for a reason that people can act on. */
final class CtlException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1;

    /** What the API calls a request that has no file. */
    private static final String REQUEST = "request";

    private final int exitCode;
    private final transient ErrorAnswer answer;

    CtlException(int exitCode, ErrorAnswer answer) {
        super(answer.message());
        this.exitCode = exitCode;
        this.answer = answer;
    }

    /** One that {@code ctl} found itself. */
    static CtlException of(int exitCode, String error, String message, String hint) {
        return new CtlException(exitCode, new ErrorAnswer(error, message, hint, null, null));
    }

    static CtlException badInput(String message, String hint) {
        return of(CtlExit.BAD_INPUT, "bad_input", message, hint);
    }

    int exitCode() {
        return exitCode;
    }

    /** As programs read it. */
    ErrorAnswer answer() {
        return answer;
    }

    /** As people read it. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        List<MistakeAnswer> mistakes = answer.mistakes() == null ? List.of() : answer.mistakes();
        if (mistakes.isEmpty()) {
            answer.message().lines().forEach(lines::add);
        }
        mistakes.forEach(mistake -> lines.add(line(mistake)));
        if (!answer.hint().isEmpty() && mistakes.isEmpty()) {
            lines.add("(" + answer.hint() + ")");
        }
        return lines;
    }

    /** Places in a request say nothing to those who wrote options. */
    private static String line(MistakeAnswer mistake) {
        String place = mistake.file().equals(REQUEST)
                ? ""
                : mistake.file() + (mistake.line() == 0 ? "" : ":" + mistake.line() + ":" + mistake.column()) + ": ";
        return place + (mistake.key().isEmpty() ? "" : mistake.key() + ": ") + mistake.message();
    }
}
