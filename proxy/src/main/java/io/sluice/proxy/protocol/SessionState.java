package io.sluice.proxy.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** What a client has negotiated. Event-loop only. */
public final class SessionState {

    private final long id;
    private boolean authenticated;
    private boolean closing;
    private String clientName = "";

    /** {@code id} is unique in this process. */
    public SessionState(long id, boolean authenticated) {
        this.id = id;
        this.authenticated = authenticated;
    }

    /** As another process wrote it down with {@link #carried()}; throws if that is not what it is. */
    public static SessionState restored(long id, String carried) {
        if (carried.isEmpty() || (carried.charAt(0) != '0' && carried.charAt(0) != '1')) {
            throw new IllegalArgumentException("not the state of a client");
        }
        SessionState state = new SessionState(id, carried.charAt(0) == '1');
        state.clientName = new String(Base64.getDecoder().decode(carried.substring(1)), StandardCharsets.UTF_8);
        return state;
    }

    /** All that another process needs to know to go on with this client: one word. */
    public String carried() {
        return (authenticated ? "1" : "0")
                + Base64.getEncoder().encodeToString(clientName.getBytes(StandardCharsets.UTF_8));
    }

    public long id() {
        return id;
    }

    public boolean isAuthenticated() {
        return authenticated;
    }

    public void setAuthenticated(boolean authenticated) {
        this.authenticated = authenticated;
    }

    public String clientName() {
        return clientName;
    }

    public void setClientName(String clientName) {
        this.clientName = clientName;
    }

    /** Asks for the connection to be closed once all replies owed are sent. */
    public void closeAfterReplies() {
        closing = true;
    }

    public boolean isClosing() {
        return closing;
    }
}
