package io.sluice.proxy.protocol;

import io.sluice.proxy.access.User;
import org.jspecify.annotations.Nullable;

/** What a client has negotiated, and who it is. Event-loop only. */
public final class SessionState {

    private final long id;
    private @Nullable User user;
    private @Nullable User restricted;
    private boolean authenticated;
    private boolean closing;
    private String clientName = "";
    private @Nullable String failedLogin;

    /** Of a protocol without users, or before one is known. {@code id} is unique in this process. */
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

    /** Who the client is, logged in or not; null where a protocol has no users. */
    public @Nullable User user() {
        return user;
    }

    /** The user if he has limits, else null: then there is nothing to ask. */
    public @Nullable User restricted() {
        return restricted;
    }

    /** From now on the client is this user; that says nothing about whether it has logged in. */
    public void become(User newUser) {
        user = newUser;
        restricted = newUser.isUnrestricted() ? null : newUser;
    }

    /** The client has proved to be this user. */
    public void loggedIn(User newUser) {
        become(newUser);
        authenticated = true;
    }

    /** Somebody could not prove to be a user; {@code known} is his name if there is such a user, else empty. */
    public void loginFailed(String known) {
        failedLogin = known;
    }

    /** What {@link #loginFailed} told since the last call; null if nothing did. */
    public @Nullable String takeFailedLogin() {
        String failed = failedLogin;
        failedLogin = null;
        return failed;
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
