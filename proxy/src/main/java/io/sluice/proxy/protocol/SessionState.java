package io.sluice.proxy.protocol;

import io.sluice.proxy.access.User;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** What a client has negotiated, and who it is. Event-loop only. */
public final class SessionState {

    private final long id;
    private @Nullable User user;
    private @Nullable User restricted;
    private boolean authenticated;
    private boolean closing;
    private String carriedUser = "";
    private String clientName = "";
    private @Nullable String failedLogin;

    /** Of a protocol without users, or before one is known. {@code id} is unique in this process. */
    public SessionState(long id, boolean authenticated) {
        this.id = id;
        this.authenticated = authenticated;
    }

    /**
     * As another process wrote it down with {@link #carried()}; throws if that is not what it is. Who the client is has
     * to be looked up: {@link #carriedUser()}.
     */
    public static SessionState restored(long id, String carried) {
        int colon = carried.indexOf(':');
        if (colon < 1 || (carried.charAt(0) != '0' && carried.charAt(0) != '1')) {
            throw new IllegalArgumentException("not the state of a client");
        }
        SessionState state = new SessionState(id, carried.charAt(0) == '1');
        state.carriedUser = decoded(carried.substring(1, colon));
        state.clientName = decoded(carried.substring(colon + 1));
        return state;
    }

    /** All that another process needs to know to go on with this client: one word. */
    public String carried() {
        return (authenticated ? "1" : "0") + encoded(user == null ? "" : user.name()) + ":" + encoded(clientName);
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String decoded(String text) {
        return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
    }

    /** The name of the user that this client was in the other process; empty if it had none. */
    public String carriedUser() {
        return carriedUser;
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
