package io.sluice.routing.hash;

/** The hash functions by the names the config files use. */
public enum HashAlgorithm {
    FNV1A_64
}
