package io.tagger.runtime.plugin;

import io.tagger.api.collector.Collector;
import java.util.Set;
import org.slf4j.Logger;

/**
 * The host's classes visible to every plugin folder: the JDK, tagger-api and the logging facade. No further class and
 * no resource: the versions of the host's libraries are invisible to a plugin.
 */
final class SharedClasses extends ClassLoader {
    /**
     * The packages of slf4j-api. A plugin's own logging backend or bridge, in neighbouring packages, stays with the
     * plugin.
     */
    private static final Set<String> FACADE =
            Set.of("org.slf4j", "org.slf4j.event", "org.slf4j.helpers", "org.slf4j.spi");

    static {
        registerAsParallelCapable();
    }

    SharedClasses() {
        super("tagger-shared", getPlatformClassLoader());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        if (name.equals(NoExit.class.getName())) {
            return NoExit.class;
        }
        if (isApi(name)) {
            return Collector.class.getClassLoader().loadClass(name);
        }
        if (isFacade(name)) {
            return Logger.class.getClassLoader().loadClass(name);
        }
        throw new ClassNotFoundException(name);
    }

    static boolean isApi(String className) {
        return className.startsWith("io.tagger.api.");
    }

    static boolean isFacade(String className) {
        return className.startsWith("org.slf4j.")
                && FACADE.contains(className.substring(0, className.lastIndexOf('.')));
    }
}
