package io.sluice.manager.migration.engine;

/**
 * Which Redis this is, as far as commands go: Valkey tells the version of Redis it stands for.
 *
 * @param major 0 if the server did not tell
 */
record RedisVersion(int major, int minor) implements Comparable<RedisVersion> {

    static RedisVersion of(InfoText server) {
        String[] parts = server.text("redis_version").split("\\.", -1);
        return new RedisVersion(number(parts, 0), number(parts, 1));
    }

    private static int number(String[] parts, int index) {
        return parts.length > index && parts[index].matches("\\d{1,4}") ? Integer.parseInt(parts[index]) : 0;
    }

    boolean atLeast(int otherMajor) {
        return major >= otherMajor;
    }

    @Override
    public int compareTo(RedisVersion other) {
        return major != other.major ? Integer.compare(major, other.major) : Integer.compare(minor, other.minor);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
