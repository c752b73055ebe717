/** The administration's pages: forms and orders by POST, a list that filters, a part that refreshes itself. */
import { startFinding } from "./admin/find";
import { startForms } from "./admin/form";
import { startLive } from "./admin/live";
import { startMatrix } from "./admin/matrix";
import { startOrders } from "./admin/order";
import { startPreview } from "./admin/preview";
import { startRuleAdders } from "./admin/rule-adder";
import { startGround } from "./pages";

startGround();
startForms();
startOrders();
startFinding();
startLive();
startMatrix();
startPreview();
startRuleAdders();
