/* Thousands of WebSocket clients in one process that costs next to nothing: the ear of bench-sockets.
 *
 * bench_sockets_ear SPEC WHOLE TIMES TICK_MS PORT...: SPEC holds a line for each socket, `path first tick`,
 * the messages in hex or `-`; `first` is said after the handshake, `tick` every TICK_MS. A socket is whole
 * once a frame with the text WHOLE has come TIMES times (`-`: once the handshake is done).
 *
 * A measured payload holds @@ and 32 hex digits: monotonic ns of its sending (16), its number (8), and the
 * socket it is for (8, ffffffff: all). Orders come as lines on stdin, answers leave as lines of JSON:
 * open MS | retry | cut | clear | whole TIMES TEXT | expect N | stall N | stats | dump FILE | quit
 * A socket of Paceline's protocol keeps token and position, and resumes with them when it is opened again.
 */
#include "wire.h"

enum { MOST = 20000, SEQUENCES = 1 << 20, ALL = -1 };

typedef struct {
  int fd, greeted, times, whole, failed, stalled;
  char *path, *first, *tick;
  size_t first_size, tick_size;
  char token[512], channel[8][64], epoch[8][64];
  int channels;
  uint64_t offset[8];
  Buffer in, out;
} Ear;

static Ear ears[MOST];
static int many, ports[16], port_count, poll_fd, needed, expected;
static char whole_text[64];
static int64_t opened_ns, last_whole_ns, *latency;
static int over_ms, entered; /* an opening under way: how long it takes, how many it has asked */
static size_t heard, room, wrong, twice, closes, wholes, failures, bytes_in;
static uint8_t *seen;
static uint32_t *count_of;
static int64_t *latest_of;

/* --- what is said */

static void say(Ear *e, const char *bytes, size_t size) {
  uint8_t head[8] = {0x82, 0x80 | size, 0}; /* masked by four zeros, which changes nothing */
  size_t head_size = 6;
  if (size > 125) head[1] = 0x80 | 126, head[2] = size >> 8, head[3] = size, head_size = 8;
  if (size > 125) head[4] = head[5] = head[6] = head[7] = 0;
  if ((uint8_t)bytes[0] < 0x80) head[0] = 0x81; /* text, of other protocols */
  char whole[8200];
  memcpy(whole, head, head_size);
  memcpy(whole + head_size, bytes, size);
  send_or_keep(e->fd, &e->out, whole, head_size + size);
}

static size_t put(char *at, const char *text) { /* msgpack: a short string */
  size_t size = strlen(text);
  if (size < 32) return at[0] = 0xa0 | size, memcpy(at + 1, text, size), size + 1;
  if (size < 256) return at[0] = 0xd9, at[1] = size, memcpy(at + 2, text, size), size + 2;
  return at[0] = 0xda, at[1] = size >> 8, at[2] = size, memcpy(at + 3, text, size), size + 3;
}

static void come_back(Ear *e) { /* {t: resume, v: 1, token, at: {channel: [epoch, offset]}} */
  char m[4096], *at = m;
  *at++ = 0x84;
  at += put(at, "t"), at += put(at, "resume"), at += put(at, "v"), *at++ = 1;
  at += put(at, "token"), at += put(at, e->token), at += put(at, "at");
  *at++ = 0x80 | e->channels;
  for (int i = 0; i < e->channels; i++) {
    at += put(at, e->channel[i]), *at++ = 0x92, at += put(at, e->epoch[i]), *at++ = 0xcf;
    for (int b = 7; b >= 0; b--) *at++ = e->offset[i] >> (8 * b);
  }
  say(e, m, at - m);
}

/* --- what is heard */

static int text_at(const uint8_t *at, const uint8_t *end, char *into, size_t most) {
  size_t size, head = 1;
  if (at >= end) return 0;
  if (*at >= 0xa0 && *at < 0xc0) size = *at & 31;
  else if (*at == 0xd9) size = at[1], head = 2;
  else if (*at == 0xda) size = at[1] << 8 | at[2], head = 3;
  else return 0;
  if (size >= most || at + head + size > end) return 0;
  memcpy(into, at + head, size), into[size] = 0;
  return 1;
}

static uint64_t number_at(const uint8_t *at) {
  int size = *at == 0xcc ? 1 : *at == 0xcd ? 2 : *at == 0xce ? 4 : *at == 0xcf ? 8 : 0;
  uint64_t n = size ? 0 : *at;
  for (int i = 1; i <= size; i++) n = n << 8 | at[i];
  return n;
}

static const uint8_t *after(const uint8_t *from, const uint8_t *end, const char *key) {
  size_t size = strlen(key);
  const uint8_t *found = memmem(from, end - from, key, size);
  return found ? found + size : NULL;
}

static void keep_place(Ear *e, const uint8_t *at, const uint8_t *end) {
  char name[64], epoch[64];
  const uint8_t *place;
  int i = 0;
  if (at[3] == 0xa7) { /* {t: welcome ...} */
    if ((place = after(at, end, "\xa5token"))) text_at(place, end, e->token, sizeof e->token);
    return;
  }
  if (!(place = after(at, end, "\xa2" "ch")) || !text_at(place, end, name, sizeof name)) return;
  if (!(place = after(place, end, "\xa2" "ep")) || !text_at(place, end, epoch, sizeof epoch)) return;
  int snapshot = at[3] == 0xa8; /* {t: snapshot ...}: a map head, "t", a string of eight */
  place = snapshot ? after(place, end, "\xa1o") : after(place, end, "\xa5" "cards");
  if (!place) return;
  while (i < e->channels && strcmp(e->channel[i], name)) i++;
  if (i == 8) return;
  if (i == e->channels) strcpy(e->channel[e->channels++], name);
  strcpy(e->epoch[i], epoch);
  e->offset[i] = number_at(snapshot ? place : place + 2); /* [[offset, key, value]]: one card each here */
}

static uint64_t hex(const uint8_t *at, int digits) {
  uint64_t n = 0;
  for (int i = 0; i < digits; i++) n = n << 4 | (at[i] <= '9' ? at[i] - '0' : at[i] - 'a' + 10);
  return n;
}

/* A clock within a frame holds @@ too, once in 65 s. */
static int is_hex(const uint8_t *at, int digits) {
  while (digits && ((*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'f'))) at++, digits--;
  return !digits;
}

static void measure(Ear *e, const uint8_t *at, int64_t now) {
  int64_t took = now - (int64_t)hex(at, 16);
  uint32_t number = hex(at + 16, 8) % SEQUENCES;
  int target = (int32_t)hex(at + 24, 8);
  if (target == ALL) {
    if (took > latest_of[number]) latest_of[number] = took;
    if (++count_of[number] == (uint32_t)expected) printf("{\"all\": %u, \"ns\": %ld}\n", number, (long)latest_of[number]), fflush(stdout);
  } else if (target != e - ears) wrong++;
  else if (seen[number]++) twice++;
  if (heard == room) room = room * 2 + 65536, latency = realloc(latency, room * sizeof *latency);
  latency[heard++] = took;
}

static void now_whole(Ear *e) {
  if (e->whole) return;
  e->whole = 1, wholes++, last_whole_ns = now_ns();
}

static void take_frame(Ear *e, const uint8_t *at, size_t size, int kind, int64_t now) {
  if (kind == 9) { /* ping */
    uint8_t pong[131] = {0x8a, 0x80 | size};
    memcpy(pong + 6, at, size);
    send_or_keep(e->fd, &e->out, pong, size + 6);
    return;
  }
  if (kind == 8) return;
  if (size == 1 && *at == '2') return say(e, "3", 1); /* engine.io's ping */
  const uint8_t *end = at + size, *stamp = at;
  while ((stamp = memchr(stamp, '@', end - stamp)) && end - stamp >= 34) {
    if (stamp[1] == '@' && is_hex(stamp + 2, 32)) measure(e, stamp + 2, now), stamp += 33;
    stamp++;
  }
  if (size > 4 && at[1] == 0xa1 && at[2] == 't') keep_place(e, at, at + size);
  if (!e->whole && needed && memmem(at, size, whole_text, strlen(whole_text)) && ++e->times >= needed) now_whole(e);
}

static void leave(Ear *e) {
  if (e->fd < 0) return;
  close(e->fd);
  e->fd = -1, e->in.size = e->out.size = 0, closes++;
}

static void take_handshake(Ear *e) {
  char *end = memmem(e->in.bytes, e->in.size, "\r\n\r\n", 4);
  if (!end) return;
  if (e->in.size < 12 || strncmp(e->in.bytes + 9, "101", 3)) {
    failures++;
    return leave(e);
  }
  drop_front(&e->in, end + 4 - e->in.bytes);
  e->greeted = 1;
  if (e->token[0]) come_back(e);
  else if (e->first_size) say(e, e->first, e->first_size);
  if (!needed) now_whole(e);
}

static void hear(Ear *e) {
  if (e->stalled) return;
  int there = take_in(e->fd, &e->in);
  int64_t now = now_ns();
  if (!e->greeted) take_handshake(e);
  size_t at = 0;
  while (e->fd >= 0 && e->greeted && e->in.size - at >= 2) {
    const uint8_t *p = (uint8_t *)e->in.bytes + at;
    size_t size = p[1] & 127, head = size == 126 ? 4 : size == 127 ? 10 : 2;
    if (e->in.size - at < head) break;
    if (size == 126) size = p[2] << 8 | p[3];
    else if (size == 127) size = (size_t)p[6] << 24 | p[7] << 16 | p[8] << 8 | p[9];
    if (e->in.size - at < head + size) break;
    take_frame(e, p + head, size, p[0] & 15, now);
    at += head + size;
  }
  bytes_in += at;
  if (at && e->fd >= 0) drop_front(&e->in, at);
  if (!there) leave(e);
}

static void enter(Ear *e) {
  int number = e - ears;
  struct sockaddr_in at = loopback(ports[number % port_count]);
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u32 = number};
  char request[512];
  e->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (e->fd < 0) die("socket");
  no_delay(e->fd);
  if (connect(e->fd, (void *)&at, sizeof at) && errno != EINPROGRESS) die("connect");
  e->greeted = e->times = e->whole = e->in.size = 0;
  int size = snprintf(request, sizeof request,
                      "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
                      e->path, ports[number % port_count]);
  append(&e->out, request, size);
  epoll_ctl(poll_fd, EPOLL_CTL_ADD, e->fd, &event);
}

/* --- orders */

static void open_more(void) {
  int64_t passed = (now_ns() - opened_ns) / 1000000;
  int due = passed >= over_ms ? many : (int)(passed * many / over_ms);
  for (; entered < due; entered++)
    if (ears[entered].fd < 0) enter(&ears[entered]);
}

static void tell(void) {
  int open = 0;
  for (int i = 0; i < many; i++) open += ears[i].fd >= 0;
  printf("{\"open\": %d, \"whole\": %zu, \"whole_ns\": %ld, \"heard\": %zu, \"wrong\": %zu, \"twice\": %zu, "
         "\"closes\": %zu, \"failures\": %zu, \"bytes\": %zu}\n",
         open, wholes, (long)(last_whole_ns - opened_ns), heard, wrong, twice, closes, failures, bytes_in);
  fflush(stdout);
}

static void dump(const char *path) {
  FILE *file = fopen(path, "wb");
  if (!file) die(path);
  fwrite(latency, sizeof *latency, heard, file);
  fclose(file);
  printf("{\"dumped\": %zu}\n", heard), fflush(stdout);
}

static void obey(char *order) {
  if (!strncmp(order, "open ", 5)) {
    opened_ns = now_ns(), wholes = failures = 0;
    over_ms = atoi(order + 5), entered = 0;
    open_more();
  } else if (!strcmp(order, "retry")) {
    for (int i = 0; i < many; i++)
      if (ears[i].fd < 0) enter(&ears[i]);
  } else if (!strncmp(order, "whole ", 6)) {
    needed = strtol(order + 6, &order, 10);
    snprintf(whole_text, sizeof whole_text, "%s", order + 1);
  } else if (!strcmp(order, "cut")) {
    for (int i = 0; i < many; i++) leave(&ears[i]);
    closes = 0, tell();
  } else if (!strcmp(order, "clear")) {
    heard = wrong = twice = bytes_in = 0;
    memset(seen, 0, SEQUENCES), memset(count_of, 0, SEQUENCES * sizeof *count_of);
    memset(latest_of, 0, SEQUENCES * sizeof *latest_of);
    tell();
  } else if (!strncmp(order, "expect ", 7)) expected = atoi(order + 7);
  else if (!strncmp(order, "stall ", 6)) ears[atoi(order + 6)].stalled = 1;
  else if (!strcmp(order, "stats")) tell();
  else if (!strncmp(order, "dump ", 5)) dump(order + 5);
  else if (!strcmp(order, "quit")) exit(0);
}

static char *unhex(const char *text, size_t *size) {
  if (*text == '-') return *size = 0, NULL;
  *size = strlen(text) / 2;
  char *bytes = malloc(*size + 1);
  for (size_t i = 0; i < *size; i++) sscanf(text + 2 * i, "%2hhx", (unsigned char *)bytes + i);
  return bytes;
}

static void read_spec(const char *path) {
  static char one[1024], two[16384], three[1024];
  FILE *file = fopen(path, "r");
  if (!file) die(path);
  while (many < MOST && fscanf(file, "%1023s %16383s %1023s", one, two, three) == 3) {
    Ear *e = &ears[many++];
    e->fd = -1, e->path = strdup(one);
    e->first = unhex(two, &e->first_size), e->tick = unhex(three, &e->tick_size);
  }
  fclose(file);
}

int main(int count, char **words) {
  static char orders[65536];
  size_t kept = 0;
  if (count < 6) return fprintf(stderr, "see the head of bench_sockets_ear.c\n"), 2;
  read_spec(words[1]);
  snprintf(whole_text, sizeof whole_text, "%s", words[2]);
  needed = strcmp(whole_text, "-") ? atoi(words[3]) : 0;
  int tick_ms = atoi(words[4]), next = 0;
  for (int i = 5; i < count && port_count < 16; i++) ports[port_count++] = atoi(words[i]);
  seen = calloc(SEQUENCES, 1), count_of = calloc(SEQUENCES, 4), latest_of = calloc(SEQUENCES, 8);
  poll_fd = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = MOST}, ready[512];
  epoll_ctl(poll_fd, EPOLL_CTL_ADD, 0, &event);
  int64_t ticked = now_ns();
  for (;;) {
    int some = epoll_wait(poll_fd, ready, 512, entered < many && opened_ns ? 1 : tick_ms ? 20 : -1);
    for (int i = 0; i < some; i++) {
      Ear *e = &ears[ready[i].data.u32];
      if (ready[i].data.u32 == MOST) {
        ssize_t got = read(0, orders + kept, sizeof orders - kept - 1);
        if (got <= 0) return 0;
        orders[kept += got] = 0;
        for (char *line; (line = strchr(orders, '\n'));) {
          *line++ = 0, obey(orders);
          kept -= line - orders, memmove(orders, line, kept + 1);
        }
      } else if (e->fd >= 0) {
        if (!send_kept(e->fd, &e->out)) leave(e);
        else if (ready[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) hear(e);
      }
    }
    if (opened_ns) open_more();
    /* the ticks of all sockets are spread evenly over their interval */
    if (!tick_ms) continue;
    int64_t now = now_ns();
    int due = (int)((now - ticked) / 1000 * many / (tick_ms * (int64_t)1000));
    if (due) ticked = now;
    for (; due-- > 0; next = (next + 1) % many)
      if (ears[next].fd >= 0 && ears[next].greeted && ears[next].whole && ears[next].tick_size)
        say(&ears[next], ears[next].tick, ears[next].tick_size);
  }
}
