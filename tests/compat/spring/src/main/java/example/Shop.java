// SPDX-License-Identifier: Apache-2.0
package example;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.Session;
import org.springframework.session.SessionRepository;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Servlet sessions by Spring Session on Lettuce; which repository, its properties say. */
@SpringBootApplication
@RestController
public class Shop {
    @Autowired private RedisConnectionFactory connections;
    @Autowired private SessionRepository<? extends Session> repository;

    public static void main(String[] arguments) {
        SpringApplication.run(Shop.class, arguments);
    }

    private static List<String> itemsOf(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        Object found = session == null ? null : session.getAttribute("items");
        List<String> items = new ArrayList<>();
        if (found != null) for (Object each : (List<?>) found) items.add((String) each);
        return items;
    }

    @GetMapping("/about")
    public String about() {
        return "spring-session " + SessionRepository.class.getPackage().getImplementationVersion()
            + ", lettuce " + io.lettuce.core.LettuceVersion.getVersion();
    }

    @GetMapping(path = "/items", produces = "application/json")
    public List<String> items(HttpServletRequest request) {
        return itemsOf(request);
    }

    @GetMapping("/me")
    public String me(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        Object user = session == null ? null : session.getAttribute("user");
        return user == null ? "nobody" : (String) user;
    }

    @GetMapping(path = "/add", produces = "application/json")
    public List<String> add(HttpServletRequest request, @RequestParam String item,
                            @RequestParam(required = false) Integer gate) throws IOException {
        List<String> items = itemsOf(request);
        if (gate != null) {
            try (Socket waiting = new Socket("127.0.0.1", gate)) {
                waiting.getInputStream().read();
            }
        }
        items.add(item);
        request.getSession().setAttribute("items", items);
        return items;
    }

    @GetMapping("/login")
    public String login(HttpServletRequest request, @RequestParam String name) {
        request.getSession();
        request.changeSessionId();
        request.getSession().setAttribute("user", name);
        request.getSession().setAttribute(
            FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, name);
        return "in";
    }

    @GetMapping("/logout")
    public String logout(HttpServletRequest request) {
        request.getSession().invalidate();
        return "out";
    }

    /** How many sessions the index knows of a user; of the indexed repository only. */
    @GetMapping("/of")
    public int of(@RequestParam String name) {
        return ((FindByIndexNameSessionRepository<?>) repository).findByPrincipalName(name).size();
    }

    @GetMapping("/command")
    public String command(@RequestParam String word) {
        try (var connection = connections.getConnection()) {
            connection.execute(word);
            return "OK";
        } catch (RuntimeException why) {
            Throwable root = why;
            while (root.getCause() != null) root = root.getCause();
            return root.getMessage();
        }
    }
}
