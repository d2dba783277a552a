@NullMarked
package io.sluice.manager.balance;

import org.jspecify.annotations.NullMarked;
