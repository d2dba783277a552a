package io.sluice.manager.store;

import java.util.List;

/** Which proxies are registered, and which epoch each of them serves. May be used from any thread; blocks. */
public interface ProxyRoster {

    /** All of them, by id; read after the call began. */
    List<ProxyState> proxies() throws StoreException;

    /** Forgets one that will not come back. One that still runs registers again, and must not be forgotten. */
    void remove(String id) throws StoreException;
}
