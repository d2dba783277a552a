package io.sluice.proxy.topology;

/** Neither ZooKeeper nor the last good file says which servers there are. */
public final class ClusterUnknownException extends Exception {
    private static final long serialVersionUID = 1L;

    ClusterUnknownException(String message) {
        super(message);
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
