package io.sluice.manager.api;

import io.sluice.manager.change.TopologyChange;
import java.util.OptionalLong;

/**
 * What a body asks for.
 *
 * @param expectedEpoch the epoch it was planned for, if the one who asks insists on it
 * @param by who he says he is; may be empty
 */
record ChangeRequest(TopologyChange change, OptionalLong expectedEpoch, String by) {}
