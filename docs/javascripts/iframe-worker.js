// Browsers start no worker from a page that is read from disk; the search then runs in a hidden frame instead.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.waiting = [];
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.srcdoc = "<!doctype html>";
      frame.onload = () => {
        frame.onload = null;
        const inside = frame.contentWindow;
        inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
        inside.importScripts = (...urls) =>
          urls.reduce((done, next) => done.then(() => this.load(inside, next)), Promise.resolve());
        this.load(inside, url).then(() => {
          this.inside = inside;
          this.waiting.splice(0).forEach((data) => this.postMessage(data));
        });
      };
      document.documentElement.appendChild(frame);
    }
    load(inside, url) {
      return new Promise((done, fail) => {
        const script = inside.document.createElement("script");
        Object.assign(script, { src: new URL(url, location), onload: done, onerror: fail });
        inside.document.body.appendChild(script);
      });
    }
    postMessage(data) {
      if (this.inside) this.inside.dispatchEvent(new MessageEvent("message", { data }));
      else this.waiting.push(data);
    }
  };
}
