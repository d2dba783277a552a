/** Certificates and keys: read from files, checked, made into what TLS is spoken with, and read again when they change. */
@NullMarked
package io.sluice.proxy.tls;

import org.jspecify.annotations.NullMarked;
