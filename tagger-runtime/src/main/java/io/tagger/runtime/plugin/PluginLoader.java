package io.tagger.runtime.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Path;
import java.security.CodeSigner;
import java.security.CodeSource;
import java.security.SecureClassLoader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Objects;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * The class loader of one plugin folder: the folder's jars in the order of names, behind {@link SharedClasses}. Not a
 * {@link java.net.URLClassLoader}, because this loader changes the classes that would end the process ({@link
 * ProcessExits}).
 *
 * <p>The jars stay open as long as a class from them is in use. Thread-safe.
 */
final class PluginLoader extends SecureClassLoader {
    static {
        registerAsParallelCapable();
    }

    /** The cache of the JDK would keep a jar open after its replacement. */
    private static final URLStreamHandler UNCACHED = new URLStreamHandler() {
        @Override
        protected URLConnection openConnection(URL url) throws IOException {
            URLConnection connection = new URL(url.toExternalForm()).openConnection();
            connection.setUseCaches(false);
            return connection;
        }
    };

    private final List<Jar> jars;

    /**
     * A jar of the folder.
     *
     * @param path the path of the jar
     * @param file the jar, open
     */
    record Jar(Path path, JarFile file) {
        static Jar open(Path path) throws IOException {
            return new Jar(path, new JarFile(path.toFile(), false, ZipFile.OPEN_READ, Runtime.version()));
        }

        URL url() throws MalformedURLException {
            return path.toUri().toURL();
        }

        /** The main attributes of the manifest; empty without a manifest. */
        Attributes about() throws IOException {
            Manifest manifest = file.getManifest();
            return manifest == null ? new Attributes() : manifest.getMainAttributes();
        }
    }

    PluginLoader(String name, List<Jar> jars, SharedClasses shared) {
        super("plugin-" + name, shared);
        this.jars = jars;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        String path = name.replace('.', '/') + ".class";
        for (Jar jar : jars) {
            JarEntry entry = jar.file.getJarEntry(path);
            if (entry != null) {
                try (InputStream in = jar.file.getInputStream(entry)) {
                    byte[] code = ProcessExits.refuse(in.readAllBytes());
                    definePackageOf(name, jar);
                    CodeSource origin = new CodeSource(jar.url(), (CodeSigner[]) null);
                    return defineClass(name, code, 0, code.length, origin);
                } catch (IOException e) {
                    throw new ClassNotFoundException(name + " can't be read from " + jar.path, e);
                }
            }
        }
        throw new ClassNotFoundException(name + " is in no jar of " + getName());
    }

    private void definePackageOf(String className, Jar jar) throws IOException {
        String name = className.substring(0, Math.max(0, className.lastIndexOf('.')));
        if (getDefinedPackage(name) == null) {
            Attributes about = jar.about();
            try {
                definePackage(
                        name,
                        about.getValue(Attributes.Name.SPECIFICATION_TITLE),
                        about.getValue(Attributes.Name.SPECIFICATION_VERSION),
                        about.getValue(Attributes.Name.SPECIFICATION_VENDOR),
                        about.getValue(Attributes.Name.IMPLEMENTATION_TITLE),
                        about.getValue(Attributes.Name.IMPLEMENTATION_VERSION),
                        about.getValue(Attributes.Name.IMPLEMENTATION_VENDOR),
                        null);
            } catch (IllegalArgumentException e) {
                // Another thread has defined the class in the meantime.
            }
        }
    }

    @Override
    protected @Nullable URL findResource(String name) {
        return jars.stream()
                .map(jar -> resource(jar, name))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    @Override
    protected Enumeration<URL> findResources(String name) {
        List<URL> found = new ArrayList<>();
        for (Jar jar : jars) {
            URL url = resource(jar, name);
            if (url != null) {
                found.add(url);
            }
        }
        return Collections.enumeration(found);
    }

    private static @Nullable URL resource(Jar jar, String name) {
        JarEntry entry = jar.file.getJarEntry(name);
        try {
            // The constructor of URI escapes the characters that a URL must not contain.
            return entry == null
                    ? null
                    : new URL(
                            null,
                            "jar:" + jar.url() + "!"
                                    + new URI(null, null, "/" + entry.getRealName(), null).getRawPath(),
                            UNCACHED);
        } catch (MalformedURLException | URISyntaxException e) {
            return null; // no resource can have such a name
        }
    }
}
