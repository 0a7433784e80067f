/** Pictures are fetched, decoded and resized here, beside the page. */
import { compose, type Whole } from "./compose";

interface Asked {
  readonly turn: number;
  readonly whole: Whole;
}
const here = self as unknown as { onmessage: (event: MessageEvent<Asked>) => void; postMessage: (told: unknown, moved: Transferable[]) => void };

here.onmessage = ({ data: { turn, whole } }) => {
  compose(whole).then(
    (bitmap) => here.postMessage({ turn, bitmap }, [bitmap]),
    (error: unknown) => here.postMessage({ turn, trouble: String(error) }, []),
  );
};
