package io.sluice.proxy.protocol;

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
