package io.sluice.proxy.admin;

/** Something that changes the proxy when somebody with the token asks for it. Run by the admin thread. */
interface Action {

    /**
     * Does it, and says what became of it.
     *
     * @param rest of the path behind the action's own, without its slash: {@code 3} of {@code /faults/3}; may be empty
     * @param body of the request, as text; may be empty
     */
    Page run(String rest, String body);
}
