package io.tagger.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/** The status page in Debian's Chromium, opened by {@code tagger ui}, over an agent with ten thousand entities. */
class PageIT {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
    private static final int MANY = 10_000;
    private static final String EVIL = "evil:<script>document.title='pwned'</script>\u001b[31m\u202e";

    /** Where screenshots go, for the guide: {@code .ci/shows page} sets the folder. */
    private static final String PICTURES = System.getenv().getOrDefault("TESTS_PICTURES", "");

    @TempDir
    Path directory;

    private Path entities;
    private Distribution tagger;
    private Distribution.Running agent;
    private Process ui;
    private String address;
    private ChromeDriver browser;

    @BeforeEach
    void open() throws Exception {
        assumeTrue(
                "required".equals(System.getenv("TESTS_BROWSER")) || Files.exists(CHROMIUM) && Files.exists(DRIVER),
                "SKIPPED: no " + CHROMIUM + " or no " + DRIVER + "; .ci/run has both");
        entities = directory.resolve("entities.conf");
        write("team:core");
        Path config = Files.writeString(
                directory.resolve("tagger.conf"),
                "tagger { hostname = node-7, tags = [\"rack:7\"], collectors.static.file = \"" + entities
                        + "\", tag-names.drop = [\"kernel_version\"] }");
        Path socket = directory.resolve("tagger.sock");
        tagger = new Distribution(Distribution.BUILT);
        agent = tagger.start(
                directory.resolve("run.log"), "--socket", socket.toString(), "--config", config.toString());
        Path out = directory.resolve("ui.out");
        ui = tagger.command(out, "ui", "--socket", socket.toString());
        Pattern printed = Pattern.compile("http://127\\.0\\.0\\.1:\\d+/\\?token=[0-9a-f]{32}");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> printed.matcher(Files.readString(out)).find());
        Matcher found = printed.matcher(Files.readString(out));
        assertThat(found.find()).isTrue();
        address = found.group();
    }

    private void write(String team) throws IOException {
        StringBuilder text = new StringBuilder("entities {\n");
        for (int i = 0; i < MANY; i++) {
            text.append(
                    "\"container_id://%05d\" { low = [\"image_name:web-%d\"], high = [\"container_name:web-%d\"] }\n"
                            .formatted(i, i % 100, i));
        }
        text.append("\"container_id://needle\" { low = [\"").append(team).append("\", \"image_name:web\"] }\n");
        text.append("\"container_id://evil\" { low = [").append(quoted(EVIL)).append("] }\n}\n");
        Path whole = Files.writeString(directory.resolve("entities.new"), text);
        Files.move(whole, entities, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    private static String quoted(String text) {
        return '"' + text.replace("\u001b", "\\u001b").replace("\u202e", "\\u202e") + '"';
    }

    private void browse(int width, int height, boolean isDark) {
        ChromeOptions options = new ChromeOptions();
        options.setBinary(CHROMIUM.toString());
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--user-data-dir=" + directory.resolve("browser-" + width + isDark),
                "--blink-settings=preferredColorScheme=" + (isDark ? 0 : 1));
        browser = new ChromeDriver(
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(DRIVER.toFile())
                        .build(),
                options);
        browser.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                java.util.Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
        browser.manage().window().setSize(new Dimension(width, height));
    }

    @AfterEach
    void close() {
        if (browser != null) {
            browser.quit();
        }
        if (ui != null) {
            ui.descendants().forEach(ProcessHandle::destroyForcibly);
            ui.destroyForcibly().onExit().join();
        }
        if (agent != null) {
            agent.close();
        }
    }

    private String text(String id) {
        return browser.findElement(By.id(id)).getText();
    }

    private void awaitText(String id, String part) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(text(id)).contains(part));
    }

    private void search(String text) {
        WebElement search = browser.findElement(By.id("search"));
        search.clear();
        search.sendKeys(text);
    }

    @Test
    void page_searches_explains_andShowsChangesAsTheyHappen() throws Exception {
        browse(1_280, 1_000, false);
        browser.get(address);
        awaitText("live", "live");
        awaitText("count", MANY + 4 + " entities");
        awaitText("collector-rows", "static");
        awaitText("unused", "kubernetes");

        assertThat(browser.findElements(By.cssSelector("#list .entity")))
                .as("the drawn part of " + MANY + " entities")
                .hasSizeBetween(5, 40);
        browser.findElement(By.tagName("body")).sendKeys("/");
        assertThat(browser.switchTo().activeElement().getDomAttribute("id")).isEqualTo("search");
        search("team:core");
        awaitText("found", "1 found");
        browser.findElement(By.id("search")).sendKeys(Keys.ENTER);
        awaitText("tag-rows", "team:core");
        assertThat(text("tag-rows")).contains(entities.toString());

        browser.findElement(By.id("name")).sendKeys("taem", Keys.ENTER);
        awaitText("findings", "no rule makes a tag taem");

        write("team:data");
        awaitText("tag-rows", "team:data");
        awaitText("change-rows", "modified container_id://needle");
        search("team:core");
        awaitText("found", "0 found");

        search("host://");
        awaitText("found", "1 found");
        browser.findElement(By.id("search")).sendKeys(Keys.ARROW_DOWN);
        awaitText("lost-rows", "dropped by tagger.tag-names.drop");
        awaitText("setting-rows", "tagger.tag-names.drop");
        await().untilAsserted(() -> assertThat(browser.findElements(By.cssSelector("#charts polyline[points]")))
                .hasSizeGreaterThanOrEqualTo(6));
    }

    @Test
    void textOfStrangers_isShownAsText() {
        browse(1_280, 1_000, false);
        browser.get(address);
        awaitText("count", MANY + 4 + " entities");
        search("evil");
        awaitText("found", "1 found");
        browser.findElement(By.id("search")).sendKeys(Keys.ENTER);
        awaitText("tag-rows", "<script>");

        assertThat(text("tag-rows")).contains("evil:<script>document.title='pwned'</script>\\u001b[31m\\u202e");
        assertThat(browser.getTitle()).isEqualTo("tagger");
        assertThat(browser.findElements(By.tagName("script"))).hasSize(1);
        assertThat(browser.executeScript("return document.documentElement.textContent.includes('\\u001b')"))
                .isEqualTo(false);
    }

    @Test
    void stranger_withoutTheToken_readsNothing() throws Exception {
        String base = address.replaceAll("\\?.*", "");
        assertThat(curl(base)).endsWith("403");
        assertThat(curl(base + "v1/entities")).endsWith("403");
        assertThat(curl(base + "?token=0000")).endsWith("403");

        browse(1_280, 1_000, false);
        browser.get(address);
        awaitText("live", "live");

        assertThat(curl(address))
                .as("a token is good for one browser")
                .contains("has been used")
                .endsWith("403");
        assertThat(curl("-H", "Host: evil.example", address)).endsWith("403");
        assertThat(curl("-X", "POST", base + "v1/reload")).endsWith("403");
    }

    private static String curl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new java.util.ArrayList<>(List.of("curl", "-s", "-w", "%{http_code}"));
        command.addAll(List.of(arguments));
        Process curl = new ProcessBuilder(command).start();
        String answer = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        curl.waitFor();
        return answer;
    }

    @Test
    void page_isWhole_onNarrowScreens_andInTheDark() throws Exception {
        for (int width : new int[] {1_280, 390}) {
            for (boolean isDark : new boolean[] {false, true}) {
                ui.descendants().forEach(ProcessHandle::destroyForcibly);
                ui.destroyForcibly().onExit().join();
                Path out = directory.resolve("ui-" + width + isDark);
                ui = tagger.command(
                        out, "ui", "--socket", directory.resolve("tagger.sock").toString());
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> Files.readString(out).contains("token="));
                browse(width, 1_000, isDark);
                browser.get(Files.readString(out).lines().findFirst().orElseThrow());
                awaitText("count", MANY + 4 + " entities");
                search("needle");
                awaitText("found", "1 found");
                browser.findElement(By.id("search")).sendKeys(Keys.ENTER);
                awaitText("tag-rows", "team:");

                assertThat(browser.executeScript(
                                "return document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
                        .as("nothing is wider than " + width)
                        .isEqualTo(true);
                String background =
                        (String) browser.executeScript("return getComputedStyle(document.body).backgroundColor");
                assertThat(background).isEqualTo(isDark ? "rgb(18, 24, 31)" : "rgb(255, 255, 255)");
                if (!PICTURES.isEmpty()) {
                    await().untilAsserted(
                                    () -> assertThat(browser.findElements(By.cssSelector("#charts polyline[points]")))
                                            .hasSizeGreaterThanOrEqualTo(6));
                    browser.executeScript("window.scrollTo(0, 0)");
                    Files.write(
                            Path.of(PICTURES, "page-" + width + (isDark ? "-dark" : "-light") + ".png"),
                            browser.getScreenshotAs(OutputType.BYTES));
                }
                browser.quit();
            }
        }
        browser = null;
    }
}
