package io.sluice.proxy.admin;

import java.util.concurrent.CompletionStage;

/** Something that changes the proxy when somebody with the token asks for it. Run by the admin thread. */
interface Action {

    /**
     * Does it, and says what became of it, now or later. Does not block.
     *
     * @param rest of the path behind the action's own, without its slash: {@code 3} of {@code /faults/3}; may be empty
     * @param body of the request, as text; may be empty
     */
    CompletionStage<Page> run(String rest, String body);
}
