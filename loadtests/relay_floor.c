/* The least that can carry a message from Redis to a WebSocket: the floor of bench-sockets.
 *
 * relay_floor PORT REDIS_SOCKET: a socket that asks for /N hears channel bench:N, all hear bench:all, and
 * those below FEW hear bench:few. One epoll loop, no check of anything, no state, no replay: what a server
 * costs beyond this is what it does beyond this.
 */
#include "wire.h"

enum { MOST = 65536, FEW = 200 };

typedef struct {
  int open, number; /* number: -1 before the handshake */
  Buffer in, out;
} Peer;

static Peer peers[MOST];    /* by file descriptor */
static int fd_of[MOST];     /* by number; 0: nobody */
static int highest, engine; /* highest number so far */
static Buffer from_engine, to_engine;

/* --- SHA-1 and base64, for Sec-WebSocket-Accept */

static uint32_t roll(uint32_t x, int n) { return x << n | x >> (32 - n); }

static void sha1(const char *text, size_t size, uint8_t digest[20]) {
  uint32_t h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  uint8_t block[128] = {0};
  size_t whole = size + 9 <= 64 ? 64 : 128; /* a key and its GUID are 60 bytes */
  memcpy(block, text, size);
  block[size] = 0x80;
  for (int i = 0; i < 8; i++) block[whole - 1 - i] = (uint64_t)size * 8 >> (8 * i);
  for (size_t at = 0; at < whole; at += 64) {
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (int i = 0; i < 16; i++)
      w[i] = block[at + 4 * i] << 24 | block[at + 4 * i + 1] << 16 | block[at + 4 * i + 2] << 8 | block[at + 4 * i + 3];
    for (int i = 16; i < 80; i++) w[i] = roll(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (int i = 0; i < 80; i++) {
      uint32_t f = i < 20 ? (b & c) | (~b & d) : i < 40 ? b ^ c ^ d : i < 60 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
      uint32_t k = i < 20 ? 0x5A827999 : i < 40 ? 0x6ED9EBA1 : i < 60 ? 0x8F1BBCDC : 0xCA62C1D6;
      uint32_t t = roll(a, 5) + f + e + k + w[i];
      e = d, d = c, c = roll(b, 30), b = a, a = t;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
  }
  for (int i = 0; i < 20; i++) digest[i] = h[i / 4] >> (24 - 8 * (i % 4));
}

static void accept_key(const char *key, char text[29]) {
  static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  char joined[61];
  uint8_t d[21] = {0};
  snprintf(joined, sizeof joined, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
  sha1(joined, 60, d);
  for (int i = 0; i < 7; i++) {
    uint32_t three = d[3 * i] << 16 | d[3 * i + 1] << 8 | d[3 * i + 2];
    for (int j = 0; j < 4; j++) text[4 * i + j] = set[three >> (18 - 6 * j) & 63];
  }
  text[27] = '=', text[28] = 0;
}

/* --- peers */

static void part(int fd) {
  Peer *p = &peers[fd];
  if (p->number >= 0 && fd_of[p->number] == fd) fd_of[p->number] = 0;
  free(p->in.bytes), free(p->out.bytes);
  memset(p, 0, sizeof *p);
  close(fd);
}

static void greet(int fd) {
  Peer *p = &peers[fd];
  append(&p->in, "", 1); /* a string from here on */
  char *key = strcasestr(p->in.bytes, "sec-websocket-key: "), accepted[29], answer[256];
  if (!key || strncmp(p->in.bytes, "GET /", 5)) return part(fd);
  p->number = atoi(p->in.bytes + 5) % MOST;
  fd_of[p->number] = fd;
  if (p->number > highest) highest = p->number;
  accept_key(key + 19, accepted);
  int size = snprintf(answer, sizeof answer,
                      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Accept: %s\r\n\r\n", accepted);
  p->in.size = 0;
  if (!send_or_keep(fd, &p->out, answer, size)) return part(fd);
  size = snprintf(answer, sizeof answer, "SUBSCRIBE bench:%d\r\n", p->number);
  send_or_keep(engine, &to_engine, answer, size);
}

static void hear(int fd) {
  Peer *p = &peers[fd];
  if (!take_in(fd, &p->in)) return part(fd);
  if (p->number >= 0) p->in.size = 0; /* what peers say is not heard */
  else if (p->in.size >= 4 && memmem(p->in.bytes, p->in.size, "\r\n\r\n", 4)) greet(fd);
}

static void carry(int number, const char *frame, size_t size) {
  int fd = fd_of[number];
  if (fd && !send_or_keep(fd, &peers[fd].out, frame, size)) part(fd);
}

/* --- the engine */

static void relay(const char *channel, size_t name, const char *payload, size_t size) {
  static Buffer frame;
  uint8_t head[4] = {0x82, size, 0, 0};
  frame.size = 0;
  if (size > 125) head[1] = 126, head[2] = size >> 8, head[3] = size; /* never above 64 KB here */
  append(&frame, head, size > 125 ? 4 : 2);
  append(&frame, payload, size);
  if (name == 9 && !memcmp(channel, "bench:all", 9))
    for (int n = 0; n <= highest; n++) carry(n, frame.bytes, frame.size);
  else if (name == 9 && !memcmp(channel, "bench:few", 9))
    for (int n = 0; n < FEW; n++) carry(n, frame.bytes, frame.size);
  else carry(atoi(channel + 6), frame.bytes, frame.size);
}

/* Take `$size CRLF bytes CRLF`; NULL when it is not all there. */
static const char *bulk(const char **at, const char *end, size_t *size) {
  const char *line = memchr(*at, '\n', end - *at);
  if (!line) return NULL;
  *size = strtoul(*at + 1, NULL, 10);
  if (**at == ':') return *at = line + 1, line; /* a number: how many subscriptions */
  if ((size_t)(end - line - 1) < *size + 2) return NULL;
  *at = line + 1 + *size + 2;
  return line + 1;
}

static void listen_to_engine(void) {
  if (!take_in(engine, &from_engine)) die("redis");
  const char *at = from_engine.bytes, *end = at + from_engine.size, *done = at;
  while (at < end) {
    const char *head = memchr(at, '\n', end - at), *kind, *channel, *payload;
    size_t kind_size, name, size;
    if (!head) break;
    at = head + 1;
    if (at >= end || !(kind = bulk(&at, end, &kind_size))) break;
    if (at >= end || !(channel = bulk(&at, end, &name))) break;
    if (at >= end || !(payload = bulk(&at, end, &size))) break;
    if (kind_size == 7) relay(channel, name, payload, size);
    done = at;
  }
  drop_front(&from_engine, done - from_engine.bytes);
}

int main(int count, char **words) {
  if (count != 3) return fprintf(stderr, "relay_floor PORT REDIS_SOCKET\n"), 2;
  int door = socket(AF_INET, SOCK_STREAM, 0), on = 1, poll = epoll_create1(0);
  struct sockaddr_in at = loopback(atoi(words[1]));
  setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(door, (void *)&at, sizeof at) || listen(door, 4096)) die("listen");
  struct sockaddr_un path = {.sun_family = AF_UNIX};
  snprintf(path.sun_path, sizeof path.sun_path, "%s", words[2]);
  engine = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(engine, (void *)&path, sizeof path)) die("redis");
  send_or_keep(engine, &to_engine, "SUBSCRIBE bench:all bench:few\r\n", 31);
  never_block(door), never_block(engine);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = door}, ready[512];
  epoll_ctl(poll, EPOLL_CTL_ADD, door, &event);
  event.data.fd = engine, event.events = EPOLLIN | EPOLLOUT | EPOLLET;
  epoll_ctl(poll, EPOLL_CTL_ADD, engine, &event);
  for (;;) {
    int some = epoll_wait(poll, ready, 512, -1);
    for (int i = 0; i < some; i++) {
      int fd = ready[i].data.fd;
      if (fd == door) {
        for (int peer; (peer = accept4(door, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
          if (peer >= MOST) die("too many sockets");
          no_delay(peer);
          peers[peer] = (Peer){.open = 1, .number = -1};
          event.data.fd = peer;
          epoll_ctl(poll, EPOLL_CTL_ADD, peer, &event);
        }
      } else if (fd == engine) {
        if (!send_kept(engine, &to_engine)) die("redis");
        listen_to_engine();
      } else if (peers[fd].open) {
        if (ready[i].events & EPOLLOUT && !send_kept(fd, &peers[fd].out)) part(fd);
        else if (ready[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) hear(fd);
      }
    }
  }
}
