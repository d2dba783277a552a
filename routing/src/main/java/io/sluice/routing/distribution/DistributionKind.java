package io.sluice.routing.distribution;

/** The distributions by the names the config files use. */
public enum DistributionKind {
    KETAMA,
    MODULA,
    RANDOM,
    SLOTS
}
