package io.sluice.proxy.tls;

/** Whether clients show who they are. */
public enum ClientCertificates {
    /** They are not asked. */
    NONE,
    /** They are asked; who shows a bad one is refused, who shows none is not. */
    OPTIONAL,
    /** Who shows none, or a bad one, is refused. */
    REQUIRE
}
