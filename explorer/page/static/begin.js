// The static page begins with this, before `main.js`.

import {useBackEnd} from "../ask.js";
import {workers} from "./workers.js";

useBackEnd(workers);
